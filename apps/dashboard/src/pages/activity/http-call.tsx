/** One HTTP call of an operation: a line to scan, and request and response to open. */
import type { OperationMessage } from '@bowline/api/logs';
import * as z from 'zod';
import { Badge, type BadgeTone } from '../../ui/badge.tsx';
import { Code, Json } from '../../ui/code.tsx';
import { duration } from '../../ui/time.tsx';

const Headers = z.record(z.string(), z.unknown()).optional();
const Http = z.object({
  request: z.looseObject({ method: z.string(), url: z.string(), headers: Headers, body: z.unknown().optional() }),
  response: z.looseObject({ status: z.number(), headers: Headers, body: z.unknown().optional() }).nullish(),
  duration_ms: z.number().nullish(),
  attempt: z.number().nullish(),
});
type Http = z.output<typeof Http>;

/** Undefined when the message is no HTTP call, or one without details. */
export function httpOf(message: OperationMessage): Http | undefined {
  return message.kind === 'http' ? Http.safeParse(message.meta).data : undefined;
}

function toneOf(status: number): BadgeTone {
  if (status >= 500) return 'bad';
  if (status >= 400) return 'warn';
  return status >= 300 ? 'plain' : 'good';
}

export function HttpCall({ http: { request, response, duration_ms, attempt } }: { http: Http }) {
  const url = URL.parse(request.url);
  return (
    <span className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
      <span className="font-mono text-xs font-semibold">{request.method}</span>
      <span className="min-w-0 flex-1 basis-40 font-mono text-xs [overflow-wrap:anywhere]">
        {url ? (
          <>
            <span className="text-faint">{url.host}</span>
            {url.pathname}
            <span className="text-muted">{url.search}</span>
          </>
        ) : (
          request.url
        )}
      </span>
      {attempt != null && attempt > 1 && <Badge>attempt {attempt}</Badge>}
      {duration_ms != null && <span className="text-xs text-muted tabular-nums">{duration(duration_ms)}</span>}
      <Badge mono tone={response ? toneOf(response.status) : 'bad'}>
        {response ? response.status : 'no answer'}
      </Badge>
    </span>
  );
}

export function HttpDetail({ http: { request, response } }: { http: Http }) {
  return (
    <div className="flex flex-col gap-3">
      <Code code={`${request.method} ${request.url}`} label="Copy request" wrap />
      <Part title="Request headers" value={request.headers} />
      <Part title="Request body" value={request.body} />
      <Part title="Response headers" value={response?.headers} />
      <Part title="Response body" value={response?.body} />
    </div>
  );
}

function Part({ title, value }: { title: string; value: unknown }) {
  if (value === undefined || value === null) return null;
  return (
    <div>
      <h4 className="mb-1 text-xs font-medium text-muted">{title}</h4>
      {typeof value === 'string' ? <Code code={value} wrap /> : <Json value={value} />}
    </div>
  );
}
