/** What a run changed: added, updated, deleted, over all models. */
import { count } from '../../ui/time.tsx';

type Counts = Record<string, { added: number; updated: number; deleted: number }>;

export function Counts({ counts }: { counts: Counts }) {
  const all = Object.values(counts);
  const sum = (kind: 'added' | 'updated' | 'deleted') => all.reduce((total, each) => total + each[kind], 0);
  const parts = [
    ['added', sum('added'), '+', 'text-good'],
    ['updated', sum('updated'), '~', 'text-accent'],
    ['deleted', sum('deleted'), '−', 'text-bad'],
  ] as const;
  if (all.length === 0) return null;
  return (
    <span className="inline-flex gap-2.5 font-mono text-xs tabular-nums">
      {parts.map(([name, number, sign, tone]) => (
        <span key={name} title={`${count(number)} ${name}`} className={number === 0 ? 'text-faint' : tone}>
          <span aria-hidden>
            {sign}
            {count(number)}
          </span>
          <span className="sr-only">
            {number} {name}
          </span>
        </span>
      ))}
    </span>
  );
}
