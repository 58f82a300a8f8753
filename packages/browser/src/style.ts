/** The style of the web components: below a shadow root, so it leaks nowhere and nothing leaks in but the custom properties named here. */
export const style = `
:host {
  --_accent: var(--bowline-accent, #0f766e);
  --_on-accent: var(--bowline-on-accent, #ffffff);
  --_text: var(--bowline-text, #1c1f23);
  --_muted: var(--bowline-muted, #5b626b);
  --_surface: var(--bowline-surface, #ffffff);
  --_border: var(--bowline-border, #8a919b);
  --_danger: var(--bowline-danger, #b3261e);
  --_success: var(--bowline-success, #0f766e);
  --_warning: var(--bowline-warning, #8a5a00);
  --_radius: var(--bowline-radius, 8px);
  --_font: var(--bowline-font, inherit);
  color-scheme: light;
  font-family: var(--_font);
  color: var(--_text);
}
@media (prefers-color-scheme: dark) {
  :host(:not([theme='light'])) {
    --_accent: var(--bowline-accent, #2dd4bf);
    --_on-accent: var(--bowline-on-accent, #06231f);
    --_text: var(--bowline-text, #e8eaed);
    --_muted: var(--bowline-muted, #a8afb8);
    --_surface: var(--bowline-surface, #1c1f23);
    --_border: var(--bowline-border, #757d88);
    --_danger: var(--bowline-danger, #ff8a80);
    --_success: var(--bowline-success, #2dd4bf);
    --_warning: var(--bowline-warning, #f5c26b);
    color-scheme: dark;
  }
}
:host([theme='dark']) {
  --_accent: var(--bowline-accent, #2dd4bf);
  --_on-accent: var(--bowline-on-accent, #06231f);
  --_text: var(--bowline-text, #e8eaed);
  --_muted: var(--bowline-muted, #a8afb8);
  --_surface: var(--bowline-surface, #1c1f23);
  --_border: var(--bowline-border, #757d88);
  --_danger: var(--bowline-danger, #ff8a80);
  --_success: var(--bowline-success, #2dd4bf);
  --_warning: var(--bowline-warning, #f5c26b);
  color-scheme: dark;
}
:host { display: inline-block; }
:host([hidden]) { display: none; }
:host(bowline-field-mapping) { display: block; background: var(--_surface); padding: 1rem; border-radius: var(--_radius); }
* { box-sizing: border-box; }
button, select { font: inherit; min-height: 2.5rem; border-radius: var(--_radius); }
button {
  border: 1px solid transparent;
  padding: 0.4rem 1rem;
  background: var(--_accent);
  color: var(--_on-accent);
  cursor: pointer;
}
button[part~='secondary'] { background: transparent; color: var(--_text); border-color: var(--_border); }
button[aria-disabled='true'] { cursor: progress; opacity: 0.75; }
button:focus-visible, select:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
select { width: 100%; padding: 0 0.5rem; background: var(--_surface); color: var(--_text); border: 1px solid var(--_border); }
select[aria-invalid='true'] { border-color: var(--_danger); }
p { margin: 0; }
[part~='message'] { color: var(--_muted); font-size: 0.875em; }
[part~='message']:not(:empty) { margin-top: 0.4rem; }
[part~='error'] { color: var(--_danger); font-size: 0.875em; }
[part~='status'] { display: inline-flex; align-items: center; gap: 0.5rem; }
[part~='dot'] { width: 0.6rem; height: 0.6rem; border-radius: 50%; background: var(--_muted); flex: none; forced-color-adjust: none; }
[data-status='connected'] [part~='dot'] { background: var(--_success); }
[data-status='broken'] [part~='dot'] { background: var(--_danger); }
[data-status='pending'] [part~='dot'] { background: var(--_warning); }
[part~='rows'] { display: grid; gap: 1rem; margin: 0 0 1rem; padding: 0; border: 0; min-inline-size: 0; }
[part~='row'] { display: grid; gap: 0.25rem 1rem; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); align-items: center; }
[part~='row'] [part~='error'] { grid-column: 2; }
[part~='actions'] { display: flex; flex-wrap: wrap; gap: 0.5rem; }
[part~='preview'] { margin: 1rem 0; padding: 0.75rem; border: 1px solid var(--_border); border-radius: var(--_radius); }
dl { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0.25rem 1rem; margin: 0; }
dt { color: var(--_muted); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 30rem) {
  [part~='row'], dl { grid-template-columns: minmax(0, 1fr); }
  [part~='row'] [part~='error'] { grid-column: 1; }
}
`;
