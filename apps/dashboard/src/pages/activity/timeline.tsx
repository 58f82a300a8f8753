/** What an operation said: the function's own log lines and its HTTP calls, each with the time since the start. */
import type { OperationMessage } from '@bowline/api/logs';
import { ChevronRight } from 'lucide-react';
import { cx } from '../../ui/class-names.ts';
import { Json } from '../../ui/code.tsx';
import { absolute, duration } from '../../ui/time.tsx';
import { HttpCall, HttpDetail, httpOf } from './http-call.tsx';

type TimelineProps = { messages: OperationMessage[]; startedAt: string; running: boolean };

export function Timeline({ messages, startedAt, running }: TimelineProps) {
  if (messages.length === 0) return <p className="text-muted">{running ? 'Nothing said so far.' : 'It said nothing.'}</p>;
  return (
    <ol className="overflow-hidden rounded-lg border border-line">
      {messages.map((message) => (
        <Line key={message.id} message={message} startedAt={startedAt} />
      ))}
      {running && (
        <li role="status" className="flex items-center gap-2 border-t border-line px-3 py-2 text-muted">
          <span aria-hidden className="size-1.5 animate-pulse rounded-full bg-accent" />
          Still running
        </li>
      )}
    </ol>
  );
}

const levels: Record<OperationMessage['level'], string> = {
  debug: 'bg-line-strong',
  info: 'bg-accent',
  warn: 'bg-warn',
  error: 'bg-bad',
};

function Line({ message, startedAt }: { message: OperationMessage; startedAt: string }) {
  const http = httpOf(message);
  const hasMore = http !== undefined || (message.meta !== null && Object.keys(message.meta).length > 0);
  const since = Math.max(0, Date.parse(message.at) - Date.parse(startedAt));
  const head = (
    <>
      <time
        dateTime={message.at}
        title={absolute(message.at)}
        className="w-16 shrink-0 text-right whitespace-nowrap max-sm:w-13 font-mono text-2xs leading-5 text-faint tabular-nums"
      >
        +{duration(since)}
      </time>
      <span aria-hidden className={cx('mt-[0.4375rem] size-1.5 shrink-0 rounded-full', levels[message.level])} />
      <span className="min-w-0 flex-1">
        {message.level !== 'info' && <span className="sr-only">{message.level}: </span>}
        {http ? (
          <HttpCall http={http} />
        ) : (
          <span
            className={cx(
              'font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]',
              message.level === 'error' && 'text-bad',
              message.level === 'warn' && 'text-warn',
              message.level === 'debug' && 'text-muted',
            )}
          >
            {message.message}
          </span>
        )}
      </span>
    </>
  );
  const row = 'flex items-start gap-2.5 px-3 py-1.5';
  const frame = cx('border-b border-line last:border-b-0', message.level === 'error' && 'bg-bad-soft/60');
  if (!hasMore) return <li className={cx(frame, row, 'pr-8')}>{head}</li>;
  return (
    <li className={frame}>
      <details className="group">
        <summary className={cx(row, 'list-none hover:bg-hover [&::-webkit-details-marker]:hidden')}>
          {head}
          <ChevronRight aria-hidden className="mt-0.75 size-3.5 shrink-0 text-faint transition-transform group-open:rotate-90" />
        </summary>
        <div className="border-t border-line bg-canvas p-3">{http ? <HttpDetail http={http} /> : <Json value={message.meta} />}</div>
      </details>
    </li>
  );
}
