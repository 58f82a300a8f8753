/** Which of a provider's limits, as its entry in the catalogue has them, a path counts against. Pure. */
import type { Provider } from '@bowline/providers/provider';
import type { LimitHeaders } from '../limits/budget-headers.ts';
import type { BudgetSpec } from '../limits/budget-name.ts';

type Limit = NonNullable<NonNullable<Provider['proxy']>['rate_limits']>[number];
export type Counted = {
  readonly of: Limit['of'];
  /** Its name, and of what it is where a path names that. */
  readonly part: string;
  readonly documented: BudgetSpec['documented'];
  readonly headers: LimitHeaders | undefined;
};
type Known = Pick<Counted, 'documented' | 'headers'> & { readonly paths: readonly (readonly string[])[] | undefined };

/** Names of what has a limit of its own are cut here: they come from paths. */
const NAME_LENGTH_MAX = 100;
const known = new WeakMap<Limit, Known>();

/** Those that name the path come in place of those of the same owner that name none. */
export function limitsOf(limits: readonly Limit[], path: string): readonly Counted[] {
  const parts = partsOf(path.split('?', 1)[0] ?? '');
  const named: Counted[] = [];
  for (const limit of limits) {
    const name = nameIn(readOnce(limit).paths, parts);
    if (name !== undefined) named.push(counted(limit, name));
  }
  const others = limits.filter(({ paths, of }) => paths === undefined && !named.some((one) => one.of === of));
  return [...named, ...others.map((limit) => counted(limit, ''))];
}

const partsOf = (path: string): string[] => path.split('/').slice(1);

function readOnce(limit: Limit): Known {
  const before = known.get(limit);
  if (before) return before;
  const { seconds, headers } = limit;
  const read = {
    paths: limit.paths?.map(partsOf),
    documented: limit.limit === undefined ? undefined : documentedOf(limit.limit, limit),
    headers: headers && ({ ...headers, ...(seconds === undefined ? {} : { lengthMs: seconds * 1000 }) } as LimitHeaders), // absent keys are undefined
  };
  known.set(limit, read);
  return read;
}

function documentedOf(limit: number, { seconds = 1, burst }: Limit) {
  const perSecond = limit / seconds;
  return { perSecond, burst: burst ?? Math.max(1, Math.min(limit, Math.ceil(perSecond))) };
}

/** @returns what stands in place of `{…}`, empty when there is none; undefined when the path is another */
function nameIn(paths: Known['paths'], parts: readonly string[]): string | undefined {
  for (const wanted of paths ?? []) {
    const fits =
      wanted.length <= parts.length && wanted.every((part, place) => (isAny(part) ? parts[place] !== '' : part === parts[place]));
    if (fits) return parts.filter((_, place) => wanted[place]?.startsWith('{')).join('/');
  }
  return undefined;
}

const isAny = (part: string): boolean => part === '*' || part.startsWith('{');

function counted(limit: Limit, name: string): Counted {
  const { documented, headers } = readOnce(limit);
  const part = name === '' ? (limit.part ?? '') : `${limit.part === undefined ? '' : `${limit.part} `}${name.slice(0, NAME_LENGTH_MAX)}`;
  return { of: limit.of, part, documented, headers };
}
