/** What is wrong with a definition, each with its place, which a click leads to. */
import { ApiError } from '@bowline/api/client';
import { CircleAlert } from 'lucide-react';
import { wordsOf } from '../../client.ts';
import { Notice } from '../../ui/empty.tsx';
import type { Finding } from './source-editor.tsx';

/** What the server found in the text that was sent; empty for an error of another kind. */
export function findingsOf(error: unknown): Finding[] {
  const errors = error instanceof ApiError && error.code === 'invalid_body' ? (error.details.errors ?? []) : [];
  return errors.map(({ message, path, line, column }) => ({ message, path: path.map(String), line, column }));
}

type FindingsProps = { id: string; error: unknown; findings: readonly Finding[]; onGoTo: (finding: Finding) => void };

export function Findings({ id, error, findings, onGoTo }: FindingsProps) {
  if (findings.length === 0) {
    return (
      <div id={id}>
        <Notice title={wordsOf(error)} />
      </div>
    );
  }
  return (
    <section id={id} role="alert" className="overflow-hidden rounded-lg border border-bad/25 bg-bad-soft">
      <p className="flex items-center gap-2 px-3 py-2 font-medium text-bad">
        <CircleAlert aria-hidden className="size-4 shrink-0" />
        {findings.length === 1 ? 'One thing is not right yet' : `${findings.length} things are not right yet`}
      </p>
      <ul className="divide-y divide-bad/15 border-t border-bad/15">
        {findings.map((finding) => (
          <li key={`${finding.line} ${finding.path.join('.')} ${finding.message}`}>
            <One finding={finding} onGoTo={onGoTo} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function One({ finding, onGoTo }: { finding: Finding; onGoTo: (finding: Finding) => void }) {
  const { message, path, line } = finding;
  const place = path.join('.');
  const text = (
    <span className="min-w-0 [overflow-wrap:anywhere]">
      {place && !message.startsWith(place) && <code className="mr-1.5 text-xs">{place}</code>}
      {message}
    </span>
  );
  if (line === undefined) return <div className="px-3 py-2">{text}</div>;
  return (
    <button type="button" onClick={() => onGoTo(finding)} className="flex w-full gap-3 px-3 py-2 text-left hover:bg-bad/10">
      <span className="w-14 shrink-0 text-bad tabular-nums">Line {line}</span>
      {text}
    </button>
  );
}
