/** A plain text area for a definition, with the numbers of its lines; those with findings are marked, and a finding leads to its line. */
import type { Ref } from 'react';
import { cx } from '../../ui/class-names.ts';

export type Finding = {
  readonly message: string;
  readonly path: readonly string[];
  readonly line?: number | undefined;
  readonly column?: number | undefined;
};

type SourceEditorProps = {
  value: string;
  onChange: (value: string) => void;
  findings: readonly Finding[];
  describedBy: string | undefined;
  ref: Ref<HTMLTextAreaElement>;
};

export function SourceEditor({ value, onChange, findings, describedBy, ref }: SourceEditorProps) {
  const lines = value.split('\n').length;
  const marked = new Set(findings.map(({ line }) => line));
  return (
    <div className="flex max-h-[62dvh] min-h-72 overflow-auto rounded-lg border border-line-strong/80 bg-sunken font-mono text-xs leading-5 shadow-soft focus-within:border-accent">
      <div
        aria-hidden
        className="sticky left-0 shrink-0 border-r border-line bg-sunken py-2 text-right text-muted tabular-nums select-none"
      >
        {Array.from({ length: lines }, (_, index) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: lines are their numbers
            key={index}
            className={cx('px-2.5', marked.has(index + 1) && 'bg-bad-soft font-semibold text-bad')}
          >
            {index + 1}
          </div>
        ))}
      </div>
      <textarea
        ref={ref}
        aria-label="Definition in YAML"
        aria-describedby={describedBy}
        aria-invalid={findings.length > 0 || undefined}
        value={value}
        rows={lines}
        wrap="off"
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        onChange={(event) => onChange(event.target.value)}
        className="min-w-0 flex-1 resize-none overflow-x-auto overflow-y-hidden bg-transparent px-3 py-2 whitespace-pre text-ink outline-none"
      />
    </div>
  );
}

/** Puts the cursor where a finding is, and shows it. */
export function goTo(area: HTMLTextAreaElement, { line = 1, column = 1 }: Pick<Finding, 'line' | 'column'>): void {
  const before = area.value
    .split('\n')
    .slice(0, line - 1)
    .reduce((sum, text) => sum + text.length + 1, 0);
  area.focus();
  area.setSelectionRange(before + column - 1, before + column - 1);
  const box = area.parentElement;
  if (box) box.scrollTop = Math.max(0, (line - 4) * 20);
}
