/** Refuses commands that deploy in a form we do not run. Other callers say nothing of the kind and are served. Pure. */
import { problem } from '@bowline/api/problem';

/** The first `nango-cli` that sends what this server runs. */
const OLDEST = [0, 39, 25] as const;

/** @throws invalid_cli_version */
export function checkCommand(userAgent: string | undefined): void {
  const [, ...parts] = /^nango-cli\/(\d+)\.(\d+)\.(\d+)/.exec(userAgent ?? '') ?? [];
  if (parts.length === 0 || !isOlder(parts.map(Number))) return;
  const message = `nango-cli ${parts.join('.')} is too old to deploy here: update it to ${OLDEST.join('.')} or newer, or use the bowline command`;
  throw problem('invalid_cli_version', { message });
}

function isOlder(version: readonly number[]): boolean {
  const differs = OLDEST.findIndex((part, index) => version[index] !== part);
  return differs !== -1 && (version[differs] ?? 0) < (OLDEST[differs] ?? 0);
}
