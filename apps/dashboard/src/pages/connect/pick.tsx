/** The choice between what a link lets connect. What was connected on this visit says so. */
import { ChevronRight, CircleCheck, Link2 } from 'lucide-react';
import { useState } from 'react';
import { TextField } from '../../ui/field.tsx';
import { ProviderLogo } from '../../ui/provider-logo.tsx';
import { Screen } from './screen.tsx';
import type { Choice } from './visit.ts';

/** From here on a list is too long to be read as a whole. */
const SEARCHED_FROM = 9;
type PickProps = { choices: Choice[]; connected: ReadonlySet<string>; onPick: (key: string) => void };

export function Pick({ choices, connected, onPick }: PickProps) {
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const shown = choices.filter(({ integration }) => integration.display_name.toLowerCase().includes(wanted));
  return (
    <Screen
      title="Connect your account"
      icon={<Link2 aria-hidden className="size-8 text-accent" />}
      about="What would you like to connect?"
    >
      {choices.length >= SEARCHED_FROM && (
        <div className="mb-4">
          <TextField label="Search" type="search" value={search} onChange={setSearch} />
        </div>
      )}
      <ul className="flex flex-col gap-2">
        {shown.map(({ integration: { unique_key, display_name, logo } }) => (
          <li key={unique_key}>
            <button
              type="button"
              onClick={() => onPick(unique_key)}
              className="flex w-full items-center gap-3 rounded-xl border border-line-strong/70 px-3.5 py-3 text-left shadow-soft transition-colors hover:border-line-strong hover:bg-hover"
            >
              <ProviderLogo name={display_name} src={logo} />
              <span className="min-w-0 flex-1 font-medium [overflow-wrap:anywhere]">{display_name}</span>
              {connected.has(unique_key) && (
                <span className="flex shrink-0 items-center gap-1.5 text-sm text-good">
                  <CircleCheck aria-hidden className="size-4" />
                  Connected
                </span>
              )}
              <ChevronRight aria-hidden className="size-4 shrink-0 text-faint" />
            </button>
          </li>
        ))}
      </ul>
      <p role="status" className="text-center text-muted">
        {shown.length === 0 && 'Nothing has this name.'}
      </p>
    </Screen>
  );
}
