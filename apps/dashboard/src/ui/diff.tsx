/** What differs between two texts, a few lines around each change. Signs say what colours only help to see. */
import { structuredPatch } from 'diff';
import { useMemo } from 'react';
import { cx } from './class-names.ts';

/** `same`: what to say when nothing differs. */
type DiffProps = { from: string; to: string; label: string; same?: string };

const tones: Record<string, string> = { '+': 'bg-good-soft text-good', '-': 'bg-bad-soft text-bad' };

export function Diff({ from, to, label, same = 'The source is the same.' }: DiffProps) {
  const lines = useMemo(() => linesOf(from, to), [from, to]);
  if (lines.length === 0) return <p className="text-sm text-muted">{same}</p>;
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      className="max-h-96 overflow-auto rounded-lg border border-line bg-sunken py-2 font-mono text-xs leading-5"
    >
      <div className="w-max min-w-full">
        {lines.map(({ key, text }) => (
          <div key={key} className={cx('whitespace-pre px-3', tones[text[0] ?? ''] ?? (text.startsWith('@@') && 'text-muted'))}>
            {text}
          </div>
        ))}
      </div>
    </section>
  );
}

function linesOf(from: string, to: string): { key: string; text: string }[] {
  const { hunks } = structuredPatch('', '', from, to, '', '', { context: 3 });
  return hunks.flatMap(({ oldStart, newStart, lines }) =>
    [`@@ line ${newStart} @@`, ...lines.filter((line) => !line.startsWith('\\'))].map((text, index) => ({
      key: `${oldStart} ${index}`,
      text,
    })),
  );
}
