/** Keys: `/` to the search field, `g` and a letter to a place, `?` for the list of them. Never while something is being typed. */
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useEnvironment } from '../../environment.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { places } from './places.tsx';

const SEQUENCE_MS = 1200;
const SHOW = 'bowline-show-keys';

export function showKeys(): void {
  dispatchEvent(new Event(SHOW));
}

export function Keys() {
  const [shown, setShown] = useState(false);
  const { env } = useEnvironment();
  const navigate = useNavigate();
  useEffect(() => {
    let pressedG = Number.NEGATIVE_INFINITY;
    const show = () => setShown(true);
    const press = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      const follows = performance.now() - pressedG < SEQUENCE_MS;
      pressedG = event.key === 'g' ? performance.now() : Number.NEGATIVE_INFINITY;
      if (event.key === '?') show();
      if (event.key === '/') focusSearch(event);
      const place = follows && places.find(({ key }) => key === event.key);
      if (place) void navigate({ to: place.to, params: { env } });
    };
    addEventListener('keydown', press);
    addEventListener(SHOW, show);
    return () => {
      removeEventListener('keydown', press);
      removeEventListener(SHOW, show);
    };
  }, [env, navigate]);
  return (
    <Dialog open={shown} onClose={() => setShown(false)} title="Keyboard shortcuts">
      <ul className="divide-y divide-line">
        {[...places.map(({ label, key }) => [label, `g ${key}`]), ['Search', '/'], ['This list', '?'], ['Close', 'Esc']].map(
          ([label, keys]) => (
            <li key={label} className="flex items-center justify-between py-2">
              <span>{label}</span>
              <kbd className="rounded-md border border-line bg-sunken px-1.5 py-0.5 text-xs text-muted">{keys}</kbd>
            </li>
          ),
        )}
      </ul>
    </Dialog>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable], [role=menu]') !== null;
}

function focusSearch(event: KeyboardEvent): void {
  const field = document.querySelector<HTMLInputElement>('[data-search]');
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
}
