/** One record: every version that is kept, with what changed from one to the next, and how it was at a moment. */
import type { SyncedRecord } from '@bowline/api/records';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { History } from 'lucide-react';
import { useState } from 'react';
import { wordsOf } from '../../client.ts';
import { useEnvironment } from '../../environment.tsx';
import { type ConnectionRef, historySettingsQuery, type RecordRef, recordAsOfQuery, versionsQuery } from '../../queries.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Json } from '../../ui/code.tsx';
import { Diff } from '../../ui/diff.tsx';
import { Empty, Failed, Notice } from '../../ui/empty.tsx';
import { TextField } from '../../ui/field.tsx';
import { More } from '../../ui/more.tsx';
import { Page } from '../../ui/page.tsx';
import { Skeleton, SkeletonRows } from '../../ui/skeleton.tsx';
import { absolute, Time } from '../../ui/time.tsx';
import { LastAction } from './record-table.tsx';

const route = getRouteApi('/$env/connections/$key/$connectionId/record');

export function RecordPage() {
  const { env } = useEnvironment();
  const { key, connectionId } = route.useParams();
  const { model = '', variant = 'base', id = '' } = route.useSearch();
  const of = { key, connectionId };
  const record = { model, variant, id };
  return (
    <Page
      title={id}
      heading={<span className="font-mono">{id}</span>}
      about={`${model}${variant === 'base' ? '' : ` (${variant})`} of ${connectionId}`}
      crumbs={[
        <Link key="all" to="/$env/connections" params={{ env }}>
          Connections
        </Link>,
        <Link key="connection" to="/$env/connections/$key/$connectionId" params={{ env, ...of }}>
          {connectionId}
        </Link>,
        <Link key="model" to="/$env/connections/$key/$connectionId" params={{ env, ...of }} search={{ tab: 'records', model, variant }}>
          {model}
        </Link>,
      ]}
    >
      <div className="flex flex-col gap-5">
        <NoHistory model={model} />
        <AsOf of={of} record={record} />
        <Versions of={of} record={record} />
      </div>
    </Page>
  );
}

function NoHistory({ model }: { model: string }) {
  const { env } = useEnvironment();
  const { data } = useQuery(historySettingsQuery(env));
  if (!data || data.some((rule) => rule.model === model)) return null;
  return (
    <Notice tone="plain" title={`No earlier versions of ${model} are kept`}>
      <Link to="/$env/settings" params={{ env }} hash="record-history" className="font-medium text-ink underline">
        Name the model in the settings
      </Link>{' '}
      and what a change replaces is kept from then on.
    </Notice>
  );
}

type Of = { of: ConnectionRef; record: RecordRef };

function AsOf({ of, record }: Of) {
  const { at = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const [text, setText] = useState(at && localOf(at));
  const show = (moment: string | undefined) => void navigate({ search: (search) => ({ ...search, at: moment }), replace: true });
  return (
    <Card title="As it was">
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (text) show(new Date(text).toISOString());
        }}
      >
        <div className="min-w-0 flex-1 sm:max-w-56">
          <TextField label="At this moment, by your clock" type="datetime-local" step="1" value={text} onChange={setText} />
        </div>
        <Button type="submit" className="h-9" disabled={text === ''}>
          Show
        </Button>
        {at && (
          <Button
            tone="bare"
            className="h-9"
            onClick={() => {
              setText('');
              show(undefined);
            }}
          >
            Clear
          </Button>
        )}
      </form>
      {at && <Then of={of} record={record} at={at} />}
    </Card>
  );
}

function Then({ of, record, at }: Of & { at: string }) {
  const { env } = useEnvironment();
  const { data, error } = useQuery(recordAsOfQuery(env, of, { ...record, at }));
  return (
    <div role="status" className="mt-4 flex flex-col gap-2">
      {error ? (
        <Notice tone="warn" title={wordsOf(error)} />
      ) : data === undefined ? (
        <Skeleton className="h-24 w-full rounded-lg" />
      ) : data === null ? (
        <p className="text-muted">It was not there at {absolute(at)}.</p>
      ) : (
        <>
          <p className="text-muted">
            At {absolute(at)} it had been so since {absolute(data._nango_metadata.last_modified_at)}.
          </p>
          <Json value={contentOf(data)} />
        </>
      )}
    </div>
  );
}

function Versions({ of, record }: Of) {
  const { env } = useEnvironment();
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(versionsQuery(env, of, record));
  const versions = data?.pages.flatMap((page) => page.records);
  return (
    <Card flush title="Versions" about="The newest first, each with what it changed in the one before.">
      {error ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : !versions ? (
        <SkeletonRows />
      ) : versions.length === 0 ? (
        <Empty icon={<History />} title="There is no such record" />
      ) : (
        <ol aria-label="Versions" className="border-t border-line">
          {versions.map((version, index) => (
            <Version
              key={version._nango_metadata.cursor}
              version={version}
              before={versions[index + 1]}
              isNow={index === 0}
              isOldest={index === versions.length - 1 && !hasNextPage}
            />
          ))}
        </ol>
      )}
      <More hasMore={hasNextPage} loading={isFetchingNextPage} onMore={fetchNextPage} auto={false} />
    </Card>
  );
}

type VersionProps = { version: SyncedRecord; before: SyncedRecord | undefined; isNow: boolean; isOldest: boolean };

function Version({ version, before, isNow, isOldest }: VersionProps) {
  const { last_modified_at: since, pruned_at: pruned } = version._nango_metadata;
  return (
    <li className="flex flex-col gap-2 border-b border-line px-4 py-3.5 last:border-b-0 sm:px-5">
      <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <LastAction record={version} />
        <span className="font-medium">{absolute(since)}</span>
        <span className="text-muted">
          <Time at={since} />
          {isNow && ', as it is now'}
        </span>
      </p>
      {pruned ? (
        <p className="text-muted">Its content was emptied.</p>
      ) : before && !before._nango_metadata.pruned_at ? (
        <Diff
          from={textOf(before)}
          to={textOf(version)}
          label={`What changed at ${absolute(since)}`}
          same="Its content stayed as it was."
        />
      ) : (
        <>
          {isOldest && !isFirst(version) && <p className="text-muted">What was before is not kept.</p>}
          <Json value={contentOf(version)} />
        </>
      )}
    </li>
  );
}

/** Nothing can have been before it. */
const isFirst = ({ _nango_metadata: known }: SyncedRecord): boolean => known.first_seen_at === known.last_modified_at;

function contentOf({ _nango_metadata: _, ...content }: SyncedRecord): Record<string, unknown> {
  return content;
}

/** Two versions may hold the same names in another order. */
const textOf = (record: SyncedRecord): string => JSON.stringify(sorted(contentOf(record)), null, 2);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}

/** As a field for dates has it, by the clock of the browser. */
function localOf(at: string): string {
  const moment = new Date(at);
  return Number.isNaN(moment.getTime()) ? '' : new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
