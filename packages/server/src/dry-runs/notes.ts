/** The log of a dry run: what would go into the activity log goes into one text, without secrets and of bounded length. */
import type { World } from '../base/world.ts';
import type { OperationHandle } from '../logs/operation.ts';
import { newOperationId } from '../logs/operation-id.ts';
import { redactMeta, redactText, redactUrl } from '../logs/redact.ts';

export type Notes = { readonly operation: OperationHandle; text(): string };

/** Nobody reads more of a try. */
const CHARS_MAX = 256 * 1024;

export function openNotes(world: Pick<World, 'clock' | 'random'>): Notes {
  const lines: string[] = [];
  let length = 0;
  const write = (level: string, message: string) => {
    if (length > CHARS_MAX) return;
    const line = `${world.clock.now().toISOString()} ${level.toUpperCase()} ${redactText(message)}`;
    length += line.length + 1;
    lines.push(length > CHARS_MAX ? 'The log is longer than this; the rest is not kept.' : line);
  };
  return {
    operation: {
      id: newOperationId(world),
      log: (level, message, given) => {
        const { meta } = redactMeta(given);
        write(level, meta && Object.keys(meta).length > 0 ? `${message} ${JSON.stringify(meta)}` : message);
      },
      http: ({ request, response, error, durationMs }) => {
        const outcome = response ? String(response.status) : (error ?? 'no answer');
        write(
          response && response.status < 400 ? 'info' : 'error',
          `${request.method} ${redactUrl(request.url)} → ${outcome} (${Math.round(durationMs)} ms)`,
        );
      },
      end: () => {},
    },
    text: () => lines.join('\n'),
  };
}
