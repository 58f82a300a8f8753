/** What was captured of a run: how to replay it, and every exchange with its bodies, which are read when somebody asks for them. */
import type { Capture, CapturedBody, CapturedCall } from '@bowline/api/captures';
import type { Operation } from '@bowline/api/logs';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { wordsOf } from '../../client.ts';
import { useEnvironment } from '../../environment.tsx';
import { capturedQuery, capturesOfQuery } from '../../queries.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Code } from '../../ui/code.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { Notice } from '../../ui/empty.tsx';
import { More } from '../../ui/more.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Time } from '../../ui/time.tsx';
import { HttpCall, HttpDetail } from './http-call.tsx';

export function CaptureOf({ operation }: { operation: Operation }) {
  const { env } = useEnvironment();
  const { data } = useQuery(capturesOfQuery(env, operation.id));
  return data?.map((capture, index) => <Captured key={capture.id} capture={capture} isLast={index === 0} />);
}

export const replayCommand = ({ run_id }: Capture, env: string): string => `bowline replay ${run_id} -e ${env} --local`;

const notes: Readonly<Record<Capture['state'], string>> = {
  whole: '',
  cut: 'It was larger than a capture may be, so some bodies are missing.',
  running: 'The run goes on, or its process was killed: what is here ends a second before that.',
};

/** @param isLast of a run with several attempts the last one is replayed; of those before it the exchanges can be read */
function Captured({ capture, isLast }: { capture: Capture; isLast: boolean }) {
  const { api, env } = useEnvironment();
  const [isOpen, setOpen] = useState(false);
  const remove = useChange({
    run: () => api.captures.delete({ params: { id: capture.id }, query: {} }),
    stale: ['operations', 'captures'],
    said: 'The capture was removed',
  });
  const ask = async () => {
    const sure = await confirm({
      title: 'Remove this capture?',
      body: 'The run can then no longer be replayed. Its log stays.',
      action: 'Remove',
    });
    if (sure) remove.mutate();
  };
  return (
    <section aria-labelledby={`capture-${capture.id}`}>
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h3 id={`capture-${capture.id}`} className="font-semibold">
          {isLast ? 'Captured' : 'Captured, an earlier attempt'}
        </h3>
        <span className="flex items-center gap-1">
          {isLast && (
            <Link to="/$env/captures" params={{ env }} className={buttonClass('bare', 'small')}>
              All captured runs
            </Link>
          )}
          <Button size="small" tone="bare" busy={remove.isPending} onClick={() => void ask()}>
            Remove
          </Button>
        </span>
      </div>
      <p className="mb-2 text-sm text-muted">
        {isLast && (
          <>
            Execute it again on your machine, without the provider: <code>--local</code> takes the code of your project.{' '}
          </>
        )}
        {notes[capture.state]} It is kept until <Time at={capture.expires_at} />.
      </p>
      {isLast && <Code code={replayCommand(capture, env)} label="Copy command" />}
      <Button size="small" className="mt-2" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? 'Hide exchanges' : 'Show exchanges'}
      </Button>
      {isOpen && <Exchanges id={capture.id} />}
    </section>
  );
}

function Exchanges({ id }: { id: string }) {
  const { env } = useEnvironment();
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(capturedQuery(env, id));
  if (error) return <Notice tone="plain" title={wordsOf(error)} />;
  if (!data) return <Skeleton className="mt-3 h-24 w-full rounded-lg" />;
  const calls = data.pages
    .flatMap(({ entries }) => entries.flatMap((entry) => (entry.entry === 'call' ? [entry] : [])))
    .filter(({ method }) => method === 'proxy' || method === 'fetch')
    .sort((a, b) => a.n - b.n);
  return (
    <div className="mt-3">
      {calls.length === 0 && !hasNextPage && <p className="text-muted">It made no requests.</p>}
      {calls.length > 0 && (
        <ol className="overflow-hidden rounded-lg border border-line" aria-label="Exchanges">
          {calls.map((call) => (
            <Exchange key={call.n} call={call} />
          ))}
        </ol>
      )}
      <More hasMore={hasNextPage} loading={isFetchingNextPage} onMore={fetchNextPage} />
    </div>
  );
}

function Exchange({ call }: { call: CapturedCall }) {
  const http = httpOf(call);
  return (
    <li className="border-b border-line last:border-b-0">
      <details className="group">
        <summary className="flex list-none items-start gap-2.5 px-3 py-1.5 hover:bg-hover [&::-webkit-details-marker]:hidden">
          <span className="min-w-0 flex-1">
            <HttpCall http={http} />
          </span>
          {call.cut && <Badge tone="warn">cut</Badge>}
          <ChevronRight aria-hidden className="mt-0.75 size-3.5 shrink-0 text-faint transition-transform group-open:rotate-90" />
        </summary>
        <div className="border-t border-line bg-canvas p-3">
          <HttpDetail http={http} />
        </div>
      </details>
    </li>
  );
}

/** In the form that the log's own calls have. */
function httpOf({ params, answer, body, ms }: CapturedCall): Parameters<typeof HttpDetail>[0]['http'] {
  const { method, endpoint, url, params: query, headers } = params;
  const value: Record<string, unknown> = { ...Object(answer?.value) };
  const status = Number(value.status);
  return {
    request: {
      method: String(method),
      url: String(url ?? `${endpoint}${queryOf(query)}`),
      headers: Array.isArray(headers) ? Object.fromEntries(headers) : { ...Object(headers) },
      body: shown(body),
    },
    response: answer ? { status, headers: { ...Object(value.headers) }, body: shown(answer.body) } : null,
    duration_ms: ms,
  };
}

function queryOf(query: unknown): string {
  if (typeof query === 'string') return query === '' ? '' : `?${query.replace(/^\?/, '')}`;
  const text = new URLSearchParams({ ...Object(query) }).toString();
  return text === '' ? '' : `?${text}`;
}

/** JSON as a value, which is easier to read. */
function shown(body: CapturedBody | null): unknown {
  if (body === null) return undefined;
  if (body.text === null) return `${body.bytes.toLocaleString('en')} bytes, too large to be captured`;
  if (body.encoding === 'base64') return `${body.bytes.toLocaleString('en')} bytes that are no text`;
  try {
    return JSON.parse(body.text);
  } catch {
    return body.text;
  }
}
