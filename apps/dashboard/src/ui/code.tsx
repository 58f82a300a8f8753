/** Code to read and copy. A secret in it is shown masked and copied whole. */
import { useMemo, useState } from 'react';
import { cx } from './class-names.ts';
import { CopyButton } from './copy.tsx';
import { highlight } from './highlight.tsx';

/** `wrap`: for data, whose long texts are read; source keeps its lines. */
type CodeProps = { code: string; secret?: string | undefined; label?: string; tall?: boolean; wrap?: boolean };

export function Code({ code, secret, label = 'Copy code', tall = false, wrap = false }: CodeProps) {
  const shown = useMemo(() => highlight(secret ? code.replaceAll(secret, mask(secret)) : code), [code, secret]);
  return (
    <div className="group relative min-w-0 overflow-hidden rounded-lg border border-line bg-sunken text-left">
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        className={cx(
          'overflow-auto p-3 pr-10 text-xs leading-5',
          !tall && 'max-h-96',
          wrap && 'whitespace-pre-wrap [overflow-wrap:anywhere]',
        )}
        style={{ color: 'var(--code-text)' }}
      >
        <code>{shown}</code>
      </pre>
      <CopyButton text={code} label={label} className="absolute top-1.5 right-1.5 bg-sunken" />
    </div>
  );
}

/** The same request in several languages. */
export function Samples({ samples, secret }: { samples: Record<string, string>; secret?: string | undefined }) {
  const names = Object.keys(samples);
  const [chosen, setChosen] = useState(names[0] ?? '');
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <fieldset className="flex gap-1">
        <legend className="sr-only">Language</legend>
        {names.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === chosen}
            onClick={() => setChosen(name)}
            className={cx('h-6 rounded-md px-2 text-xs font-medium', name === chosen ? 'bg-hover text-ink' : 'text-muted hover:text-ink')}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <Code code={samples[chosen] ?? ''} secret={secret} />
    </div>
  );
}

export function Json({ value, tall = false }: { value: unknown; tall?: boolean }) {
  const text = useMemo(() => JSON.stringify(value, null, 2) ?? 'null', [value]);
  return <Code code={text} label="Copy JSON" tall={tall} wrap />;
}

export function mask(secret: string): string {
  return `••••••••${secret.slice(-4)}`;
}
