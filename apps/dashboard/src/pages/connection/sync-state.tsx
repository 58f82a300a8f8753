/** The state of a sync as a badge. */
import type { SyncDetail } from '@bowline/api/dashboard';
import { Badge, type BadgeTone } from '../../ui/badge.tsx';

const states: Record<SyncDetail['state'], [text: string, tone: BadgeTone]> = {
  running: ['Running', 'accent'],
  queued: ['Queued', 'accent'],
  paused: ['Paused', 'plain'],
  success: ['Success', 'good'],
  error: ['Failed', 'bad'],
  never_run: ['Not run yet', 'plain'],
};

export function SyncState({ sync }: { sync: SyncDetail }) {
  const [text, tone] = isLate(sync) ? (['Waiting', 'warn'] as const) : states[sync.state];
  return (
    <Badge tone={tone} dot pulse={sync.state === 'running'}>
      {text}
    </Badge>
  );
}

/** Whoever looks in the moment in which a run is given its turn sees nothing strange. */
const SOON_MS = 5_000;

/** Whether a run has been due for so long that somebody may ask why. */
export function isLate({ waiting_since: since }: SyncDetail): boolean {
  return since !== null && Date.now() - Date.parse(since) > SOON_MS;
}
