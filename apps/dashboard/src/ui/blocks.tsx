/** The blocks of a guide: paragraphs, lists, fields, code and values to copy. Addresses in it are links only when they are http or https. */
import type { GuideBlock, Line } from '@bowline/api/dashboard-providers';
import { ExternalLink } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge } from './badge.tsx';
import { Facts } from './card.tsx';
import { cx } from './class-names.ts';
import { Code } from './code.tsx';
import { CopyButton } from './copy.tsx';

export function Blocks({ blocks }: { blocks: readonly GuideBlock[] }) {
  return (
    <div className="flex min-w-0 flex-col gap-2.5">
      {blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the blocks of a text never change their order
        <Block key={index} block={block} />
      ))}
    </div>
  );
}

function Block({ block }: { block: GuideBlock }) {
  switch (block.kind) {
    case 'paragraph':
      return (
        <p className="text-muted [overflow-wrap:anywhere]">
          <Spans line={block.line} />
        </p>
      );
    case 'note':
      return (
        <p className="rounded-lg bg-warn-soft px-3 py-2 text-warn [overflow-wrap:anywhere]">
          <Spans line={block.line} />
        </p>
      );
    case 'list':
      return <List items={block.items} summary={block.summary} />;
    case 'table':
      return <Facts facts={block.rows.map(([name = [], value = []]) => [plain(name), <Spans key="value" line={value} />])} />;
    case 'fields':
      return <Fields fields={block.fields} />;
    case 'code':
      return <Code code={block.code} label="Copy request" />;
    case 'value':
      return <Value label={block.label} value={block.value} />;
  }
}

const plain = (line: Line) => line.map((span) => (typeof span === 'string' ? span : 'code' in span ? span.code : span.text)).join('');

function Spans({ line }: { line: Line }): ReactNode {
  return line.map((span, index) => {
    const key = `${index}`;
    if (typeof span === 'string') return <span key={key}>{span}</span>;
    if ('code' in span) return <Mono key={key}>{span.code}</Mono>;
    return <Away key={key} text={span.text} href={span.href} />;
  });
}

function Mono({ children }: { children: string }) {
  return <code className="rounded bg-hover px-1 py-px text-[0.92em] text-ink [overflow-wrap:anywhere]">{children}</code>;
}

function Away({ text, href }: { text: string; href: string }) {
  if (!/^https?:\/\//.test(href)) return text;
  return (
    <a
      href={href}
      target="_blank"
      rel="noreferrer"
      className="text-accent underline decoration-accent/40 underline-offset-2 hover:decoration-accent"
    >
      {text}
      <ExternalLink aria-label="(opens in a new tab)" className="mb-0.5 ml-0.5 inline size-3" />
    </a>
  );
}

function List({ items, summary }: { items: readonly Line[]; summary: string | undefined }) {
  // Names alone, such as scopes, stand side by side.
  const names = items.every((item) => item.length === 1 && typeof item[0] === 'object' && 'code' in item[0]);
  const list = (
    <ul
      className={cx(
        names && items.length > 2 ? 'flex flex-wrap gap-1.5' : 'flex list-disc flex-col gap-1 pl-4 text-muted marker:text-faint',
      )}
    >
      {items.map((item) => (
        <li key={plain(item)} className="min-w-0 [overflow-wrap:anywhere]">
          <Spans line={item} />
        </li>
      ))}
    </ul>
  );
  if (summary === undefined) return list;
  return (
    <details>
      <summary className="w-fit rounded text-accent hover:underline">{summary}</summary>
      <div className="mt-2">{list}</div>
    </details>
  );
}

function Fields({ fields }: { fields: Extract<GuideBlock, { kind: 'fields' }>['fields'] }) {
  return (
    <dl className="flex flex-col divide-y divide-line rounded-lg border border-line">
      {fields.map(({ title, name, about, example, form, optional, secret }) => (
        <div key={name} className="flex min-w-0 flex-col gap-0.5 px-3 py-2.5">
          <dt className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="font-medium">{title}</span>
            <code className="text-2xs text-muted [overflow-wrap:anywhere]">{name}</code>
            {secret && <Badge>Secret</Badge>}
            {optional && <Badge>Optional</Badge>}
          </dt>
          <dd className="text-muted [overflow-wrap:anywhere]">
            <Spans line={about} />
          </dd>
          {(form || example) && (
            <dd className="text-xs text-muted [overflow-wrap:anywhere]">
              {form && `Form: ${form}`}
              {form && example && ' · '}
              {example && (
                <>
                  Example: <Mono>{example}</Mono>
                </>
              )}
            </dd>
          )}
        </div>
      ))}
    </dl>
  );
}

function Value({ label, value }: { label: string; value: string }) {
  return (
    <div className="flex min-w-0 items-center gap-2 rounded-lg border border-line bg-panel py-1 pr-1 pl-3">
      <div className="min-w-0 flex-1">
        <span className="block text-2xs text-muted">{label}</span>
        <code className="block text-xs [overflow-wrap:anywhere]">{value}</code>
      </div>
      <CopyButton text={value} label={`Copy ${label.charAt(0).toLowerCase()}${label.slice(1)}`} />
    </div>
  );
}
