/** Choosing one of hundreds of providers: type, narrow, move with the arrows. Only the rows in sight are rendered, however many match. */
import type { ListedProvider } from '@bowline/api/dashboard-providers';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { modeKind, modeKinds, modeName } from '../../auth-modes.ts';
import { useEnvironment } from '../../environment.tsx';
import { listedProvidersQuery } from '../../queries.ts';
import { Badge } from '../../ui/badge.tsx';
import { cx } from '../../ui/class-names.ts';
import { Empty, Failed } from '../../ui/empty.tsx';
import { inputClass, Select } from '../../ui/field.tsx';
import { ProviderLogo } from '../../ui/provider-logo.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { indexProviders, rankProviders } from './rank-providers.ts';

type Filter = { text: string; category: string; kind: string };
type PickProps = { onPick: (provider: ListedProvider) => void };

export function PickProvider({ onPick }: PickProps) {
  const { env } = useEnvironment();
  const { data, error, refetch } = useQuery(listedProvidersQuery(env));
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  return data ? <Picker all={data} onPick={onPick} /> : <SkeletonRows rows={6} />;
}

function Picker({ all, onPick }: PickProps & { all: ListedProvider[] }) {
  const { env } = useEnvironment();
  const listId = useId();
  const [filter, setFilter] = useState<Filter>({ text: '', category: '', kind: '' });
  const [active, setActive] = useState(0);
  const index = useMemo(() => indexProviders(all), [all]);
  const found = useMemo(() => narrowed(rankProviders(index, filter.text), filter), [index, filter]);
  const change = (part: Partial<Filter>) => {
    setFilter({ ...filter, ...part });
    setActive(0);
  };
  const chosen = found[active];
  return (
    <div className="flex min-h-0 flex-col gap-3 pt-px">
      <SearchField
        value={filter.text}
        onChange={(text) => change({ text })}
        onKeyDown={(event) => {
          const next = moved(event.key, active, found.length);
          if (event.key === 'Enter' && chosen) onPick(chosen);
          if (next !== undefined) setActive(next);
          if (next !== undefined || event.key === 'Enter') event.preventDefault();
        }}
        listId={listId}
        activeId={chosen && optionId(listId, chosen)}
        count={all.length}
      />
      <Filters all={all} filter={filter} onChange={change} shown={found.length} />
      {found.length === 0 ? (
        <Empty icon={<Search />} title={filter.text ? `No provider matches “${filter.text}”` : 'No provider is of this kind'}>
          An API that is not listed can be{' '}
          <Link to="/$env/new-provider" params={{ env }} className="text-accent underline">
            described as one of your own
          </Link>
          .
        </Empty>
      ) : (
        <Options key={`${filter.text} ${filter.category} ${filter.kind}`} id={listId} found={found} active={active} onPick={onPick} />
      )}
    </div>
  );
}

function narrowed(providers: ListedProvider[], { category, kind }: Filter): ListedProvider[] {
  if (!category && !kind) return providers;
  return providers.filter((each) => (!category || each.categories.includes(category)) && (!kind || modeKind(each.auth_mode) === kind));
}

/** Where a key leads, or undefined when it is not one for moving. */
function moved(key: string, from: number, count: number): number | undefined {
  if (count === 0) return undefined;
  if (key === 'ArrowDown') return Math.min(from + 1, count - 1);
  if (key === 'ArrowUp') return Math.max(from - 1, 0);
  if (key === 'PageDown') return Math.min(from + 6, count - 1);
  return key === 'PageUp' ? Math.max(from - 6, 0) : undefined;
}

const optionId = (listId: string, { name }: ListedProvider) => `${listId}-${name}`;

type SearchFieldProps = {
  value: string;
  onChange: (text: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  listId: string;
  activeId: string | undefined;
  count: number;
};

function SearchField({ value, onChange, onKeyDown, listId, activeId, count }: SearchFieldProps) {
  return (
    <div className="relative">
      <Search aria-hidden className="pointer-events-none absolute top-2.75 left-3 size-3.5 text-faint" />
      <input
        type="search"
        role="combobox"
        aria-label="Search providers"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={activeId}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        placeholder={`Search ${count} providers`}
        value={value}
        // biome-ignore lint/a11y/noAutofocus: the dialog was opened to search
        autoFocus
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        className={cx(inputClass, 'h-9 pl-8.5 [&::-webkit-search-cancel-button]:hidden')}
      />
    </div>
  );
}

type FiltersProps = { all: ListedProvider[]; filter: Filter; onChange: (part: Partial<Filter>) => void; shown: number };

function Filters({ all, filter, onChange, shown }: FiltersProps) {
  const categories = useMemo(() => [...new Set(all.flatMap((each) => each.categories))].sort(), [all]);
  const kinds = useMemo(() => modeKinds.filter((kind) => all.some((each) => modeKind(each.auth_mode) === kind)), [all]);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Select
        aria-label="Category"
        className="min-w-0 flex-1 basis-36 sm:max-w-48"
        value={filter.category}
        onChange={(category) => onChange({ category })}
        options={[['', 'All categories'], ...categories.map((each) => [each, each.replaceAll('-', ' ')] as const)]}
      />
      <Select
        aria-label="Auth kind"
        className="min-w-0 flex-1 basis-36 sm:max-w-52"
        value={filter.kind}
        onChange={(kind) => onChange({ kind })}
        options={[['', 'All auth kinds'], ...kinds.map((each) => [each, each] as const)]}
      />
      <span role="status" className="ml-auto text-xs text-muted tabular-nums">
        {shown === all.length ? `${shown} providers` : `${shown} of ${all.length}`}
      </span>
    </div>
  );
}

const ROW = 52;
type OptionsProps = PickProps & { id: string; found: ListedProvider[]; active: number };

function Options({ id, found, active, onPick }: OptionsProps) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: found.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 4 });
  useEffect(() => rows.scrollToIndex(active), [rows, active]);
  return (
    <div
      ref={box}
      id={id}
      role="listbox"
      aria-label="Providers"
      tabIndex={-1}
      className="h-[22rem] max-h-[52dvh] overflow-y-auto rounded-lg border border-line outline-none"
    >
      <div role="presentation" className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const provider = found[index];
          return (
            provider && (
              <Option
                key={provider.name}
                id={optionId(id, provider)}
                provider={provider}
                place={{ index, start, count: found.length }}
                active={index === active}
                onPick={onPick}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

type OptionProps = PickProps & {
  id: string;
  provider: ListedProvider;
  place: { index: number; start: number; count: number };
  active: boolean;
};

function Option({ id, provider, place, active, onPick }: OptionProps) {
  const { name, display_name, categories, auth_mode, logo_url, sandbox, custom } = provider;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search field, which keeps the focus, listens to the keys
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      aria-posinset={place.index + 1}
      aria-setsize={place.count}
      onClick={() => onPick(provider)}
      className={cx(
        'absolute inset-x-0 flex cursor-pointer items-center gap-3 border-b border-line px-3 transition-colors',
        active ? 'bg-hover' : 'hover:bg-hover/60',
      )}
      style={{ height: ROW, transform: `translateY(${place.start}px)` }}
    >
      <ProviderLogo name={name} src={logo_url} />
      <span className="min-w-0 flex-1">
        <span className="flex items-center gap-2">
          <span className="truncate font-medium">{display_name}</span>
          {custom && <Badge tone="accent">Own</Badge>}
          {sandbox && <Badge tone="warn">Test environment</Badge>}
        </span>
        <span className="block truncate text-xs text-muted">{categories.map((each) => each.replaceAll('-', ' ')).join(', ')}</span>
      </span>
      <span className="shrink-0 text-xs text-muted max-sm:max-w-28 max-sm:truncate">{modeName(auth_mode)}</span>
    </div>
  );
}
