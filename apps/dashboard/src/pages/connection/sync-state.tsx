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
  const [text, tone] = states[sync.state];
  return (
    <Badge tone={tone} dot pulse={sync.state === 'running'}>
      {text}
    </Badge>
  );
}
