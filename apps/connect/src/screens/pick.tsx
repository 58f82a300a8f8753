/** The choice between what a session lets connect. What was connected on this visit says so. */
import { ChevronRight, CircleCheck, Link2 } from 'lucide-react';
import { useState } from 'react';
import { usePage } from '../context.tsx';
import { TextField } from '../ui/field.tsx';
import { ServiceLogo } from '../ui/logo.tsx';
import { Screen } from '../ui/screen.tsx';
import type { Choice } from '../visit.ts';

/** From here on a list is too long to be read as a whole. */
const SEARCHED_FROM = 9;
type PickProps = { choices: Choice[]; connected: ReadonlySet<string>; onPick: (key: string) => void };

export function Pick({ choices, connected, onPick }: PickProps) {
  const { words, lang } = usePage();
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLocaleLowerCase(lang);
  const { compare } = new Intl.Collator(lang);
  const shown = choices
    .filter(({ integration }) => integration.display_name.toLocaleLowerCase(lang).includes(wanted))
    .toSorted((a, b) => compare(a.integration.display_name, b.integration.display_name));
  const found = words.label.found(new Intl.NumberFormat(lang).format(shown.length));
  return (
    <Screen title={words.title.pick} icon={<Link2 aria-hidden className="size-8 text-accent" />} about={words.about.pick}>
      {choices.length >= SEARCHED_FROM && (
        <div className="mb-4">
          <TextField name="search" label={words.action.search} optional=" " type="search" value={search} onChange={setSearch} />
        </div>
      )}
      <ul className="flex flex-col gap-2">
        {shown.map(({ integration: { unique_key, display_name, logo } }) => (
          <li key={unique_key}>
            <button
              type="button"
              onClick={() => onPick(unique_key)}
              className="flex min-h-14 w-full items-center gap-3 rounded-control border border-edge px-3.5 py-2.5 text-left transition-colors hover:bg-hover"
            >
              <ServiceLogo name={display_name} src={logo} />
              <span className="min-w-0 flex-1 font-medium [overflow-wrap:anywhere]">{display_name}</span>
              {connected.has(unique_key) && (
                <span className="flex shrink-0 items-center gap-1.5 text-sm text-good">
                  <CircleCheck aria-hidden className="size-4" />
                  {words.label.connected}
                </span>
              )}
              <ChevronRight aria-hidden className="size-4 shrink-0 text-muted" />
            </button>
          </li>
        ))}
      </ul>
      <p role="status" className={shown.length === 0 ? 'text-center text-muted' : 'sr-only'}>
        {wanted === '' ? '' : shown.length === 0 ? words.label.noMatch : found}
      </p>
    </Screen>
  );
}
