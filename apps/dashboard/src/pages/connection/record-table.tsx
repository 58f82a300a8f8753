/** Records in rows: id, a line of their content, last action and when; the whole opens at the side. */
import type { SyncedRecord } from '@bowline/api/records';
import { Link } from '@tanstack/react-router';
import { History } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useEnvironment } from '../../environment.tsx';
import type { ConnectionRef } from '../../queries.ts';
import { Badge, type BadgeTone } from '../../ui/badge.tsx';
import { buttonClass } from '../../ui/button.tsx';
import { Facts } from '../../ui/card.tsx';
import { cx } from '../../ui/class-names.ts';
import { Json } from '../../ui/code.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { Sheet } from '../../ui/dialog.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';

type Kind = { model: string; variant: string };
type RecordTableProps = { of: ConnectionRef; kind: Kind; rows: SyncedRecord[] };

export function RecordTable({ of, kind, rows }: RecordTableProps) {
  const [openId, setOpenId] = useState<string>();
  const open = rows.find(({ id }) => id === openId);
  return (
    <>
      <Table label="Records" columns={columnsOf(setOpenId)} rows={rows} keyOf={(row) => row.id} />
      {open && <RecordSheet of={of} kind={kind} record={open} onClose={() => setOpenId(undefined)} />}
    </>
  );
}

const tones: Record<SyncedRecord['_nango_metadata']['last_action'], [string, BadgeTone]> = {
  ADDED: ['Added', 'good'],
  UPDATED: ['Updated', 'accent'],
  DELETED: ['Deleted', 'bad'],
};

export function LastAction({ record }: { record: SyncedRecord }) {
  const [text, tone] = tones[record._nango_metadata.last_action];
  return <Badge tone={tone}>{text}</Badge>;
}

const columnsOf = (onOpen: (id: string) => void): Column<SyncedRecord>[] => [
  {
    head: 'ID',
    phone: 'main',
    className: 'w-[18%]',
    cell: (row) => (
      <button type="button" onClick={() => onOpen(row.id)} className="row-link max-w-56 truncate text-left font-mono text-xs font-medium">
        {row.id}
      </button>
    ),
  },
  {
    head: 'Content',
    className: 'w-full max-w-0',
    cell: (row) => <span className="line-clamp-1 text-muted [overflow-wrap:anywhere]">{gist(row)}</span>,
  },
  { head: 'Last action', phone: 'side', cell: (row) => <LastAction record={row} /> },
  {
    head: 'First seen',
    phone: 'hide',
    cell: (row) => (
      <span className="text-muted">
        <Time at={row._nango_metadata.first_seen_at} />
      </span>
    ),
  },
  {
    head: 'Last change',
    cell: (row) => (
      <span className="text-muted">
        <Time at={row._nango_metadata.last_modified_at} />
      </span>
    ),
  },
];

const telling = ['title', 'name', 'subject', 'display_name', 'email', 'body', 'description', 'text', 'summary'];

/** One line that tells records apart: what reads like a title, else the first plain values. */
function gist({ id: _, _nango_metadata: __, ...content }: SyncedRecord): string {
  const title = telling.map((name) => content[name]).find((value): value is string => typeof value === 'string' && value !== '');
  const plain = Object.entries(content).filter(
    ([name, value]) => ['string', 'number', 'boolean'].includes(typeof value) && value !== title && !telling.includes(name),
  );
  const rest = plain.slice(0, title ? 3 : 5).map(([name, value]) => `${name}: ${String(value).slice(0, 60)}`);
  return [title?.slice(0, 160), ...rest].filter(Boolean).join(' · ') || '—';
}

type RecordSheetProps = { of: ConnectionRef; kind: Kind; record: SyncedRecord; onClose: () => void };

function RecordSheet({ of, kind, record, onClose }: RecordSheetProps) {
  const { env } = useEnvironment();
  const { _nango_metadata: known, ...content } = record;
  return (
    <Sheet open onClose={onClose} title={<span className="font-mono">{record.id}</span>} about={<LastAction record={record} />}>
      <div className="flex flex-col gap-5">
        <Facts
          facts={[
            ['First seen', <Time key="first" at={known.first_seen_at} />],
            ['Last change', <Time key="last" at={known.last_modified_at} />],
            ...(known.deleted_at ? [['Deleted', <Time key="deleted" at={known.deleted_at} />] as [string, ReactNode]] : []),
            ['Cursor', <Copyable key="cursor" text={known.cursor} label="Copy cursor" />],
          ]}
        />
        <Link
          to="/$env/connections/$key/$connectionId/record"
          params={{ env, ...of }}
          search={{ ...kind, id: record.id }}
          className={cx(buttonClass('outline', 'small'), 'w-fit')}
        >
          <History aria-hidden className="size-3.5" />
          Earlier versions
        </Link>
        <Json value={content} tall />
      </div>
    </Sheet>
  );
}
