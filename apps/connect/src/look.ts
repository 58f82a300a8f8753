/** The settings of the page put to use: light or dark, the customer's colours, and text that can be read on them. Follows the system while it is shown. */
import {
  type Appearance,
  colourPattern,
  defaultAppearance,
  defaultThemes,
  logoPattern,
  type ThemeName,
  variableNames,
  variablePatterns,
} from '@bowline/api/appearance';
import { readableOn, textOn } from '@bowline/api/contrast';

/** Grounds of the card, where no setting says otherwise; as in styles.css. */
const panels: Record<ThemeName, string> = { light: '#ffffff', dark: '#151920' };
const generic = new Set([
  'serif',
  'sans-serif',
  'monospace',
  'cursive',
  'fantasy',
  'system-ui',
  'ui-sans-serif',
  'ui-serif',
  'ui-monospace',
  'ui-rounded',
]);

/** Shows it until the returned function is called. @param override of the address, which beats the setting */
export function showLook(appearance: Appearance, override: Appearance['defaultTheme'] | undefined): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const wanted = override ?? appearance.defaultTheme;
  const show = () => apply(appearance, wanted === 'system' ? (system.matches ? 'dark' : 'light') : wanted);
  show();
  system.addEventListener('change', show);
  return () => system.removeEventListener('change', show);
}

function apply(appearance: Appearance, theme: ThemeName): void {
  const root = document.documentElement;
  const own = appearance.variables[theme];
  const { primary } = appearance.theme[theme];
  root.dataset.theme = theme;
  for (const name of variableNames) {
    const value = own[name];
    if (value === undefined) root.style.removeProperty(name);
    else root.style.setProperty(name, name === '--font' ? fontsOf(value) : value);
  }
  root.style.setProperty('--primary', primary);
  root.style.setProperty('--on-primary', textOn(primary));
  root.style.setProperty('--accent', readableOn(own['--panel'] ?? panels[theme], primary));
}

/** A name such as `3270 Nerd` is a font only in quotes; a generic one only without. */
function fontsOf(value: string): string {
  const names = value.split(',').map((name) => name.trim());
  return names.map((name) => (generic.has(name.toLowerCase()) ? name : `"${name}"`)).join(', ');
}

/** What an editor sends while it is changed: not through the server, so it is looked at here. Undefined when any of it cannot be used. */
export function asAppearance(given: unknown): Appearance | undefined {
  const { theme, defaultTheme, showWatermark, logo, variables } = Object(given);
  const light = asColour(Object(theme).light);
  const dark = asColour(Object(theme).dark);
  const wanted = defaultThemes.find((one) => one === defaultTheme);
  if (!light || !dark || !wanted) return undefined;
  return {
    theme: { light, dark },
    defaultTheme: wanted,
    showWatermark: showWatermark === true,
    logo: typeof logo === 'string' && logoPattern.test(logo) ? logo : defaultAppearance.logo,
    variables: { light: asVariables(Object(variables).light), dark: asVariables(Object(variables).dark) },
  };
}

function asColour(given: unknown): { primary: string } | undefined {
  const { primary } = Object(given);
  return typeof primary === 'string' && colourPattern.test(primary) ? { primary } : undefined;
}

function asVariables(given: unknown): Appearance['variables'][ThemeName] {
  const values = variableNames.map((name) => [name, Object(given)[name]] as const);
  return Object.fromEntries(values.filter(([name, value]) => typeof value === 'string' && variablePatterns[name].test(value)));
}
