/** What one can do to a sync: run it now, pause or start it, read everything again from the beginning. */
import type { SyncDetail } from '@bowline/api/dashboard';
import { Ellipsis, Pause, Play, RotateCcw, Trash2, Zap } from 'lucide-react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';

export function SyncActions({ sync }: { sync: SyncDetail }) {
  const { trigger, pause, start } = useSyncChanges(sync);
  const busy = sync.state === 'running' || sync.state === 'queued';
  const resync = async (emptyCache: boolean) => {
    const yes = await confirm({
      title: emptyCache ? `Empty the records of ${sync.name} and sync again?` : `Sync ${sync.name} again from the beginning?`,
      body: emptyCache
        ? 'All records of this sync are deleted first, so every one will be reported as added again.'
        : 'The checkpoint is dropped and everything is read again. Records that did not change stay as they are.',
      action: 'Full resync',
      danger: emptyCache,
    });
    if (yes) trigger.mutate({ reset: true, ...(emptyCache ? { emptyCache } : {}) });
  };
  return (
    <>
      {sync.paused ? (
        <Button icon={<Play aria-hidden className="size-3.5" />} busy={start.isPending} onClick={() => start.mutate()}>
          Start
        </Button>
      ) : (
        <Button icon={<Pause aria-hidden className="size-3.5" />} busy={pause.isPending} onClick={() => pause.mutate()}>
          Pause
        </Button>
      )}
      <Button
        icon={<Zap aria-hidden className="size-3.5" />}
        busy={trigger.isPending}
        disabled={busy}
        onClick={() => trigger.mutate(undefined)}
      >
        Trigger now
      </Button>
      <Menu
        trigger={
          <IconButton label={`More for ${sync.name}`} className="size-8 border border-line-strong/80 bg-panel shadow-soft">
            <Ellipsis aria-hidden className="size-4" />
          </IconButton>
        }
      >
        <MenuItem icon={<RotateCcw aria-hidden />} disabled={busy} onSelect={() => void resync(false)}>
          Full resync
        </MenuItem>
        <MenuItem danger icon={<Trash2 aria-hidden />} disabled={busy} onSelect={() => void resync(true)}>
          Empty records and resync
        </MenuItem>
      </Menu>
    </>
  );
}

function useSyncChanges(sync: SyncDetail) {
  const { api } = useEnvironment();
  const one = {
    syncs: [{ name: sync.name, variant: sync.variant }],
    provider_config_key: sync.provider_config_key,
    connection_id: sync.connection_id,
  };
  const stale = ['syncs', 'operations', 'connections'];
  return {
    trigger: useChange({
      run: (opts: { reset: boolean; emptyCache?: boolean } | undefined) =>
        api.syncs.trigger({ query: {}, headers: {}, body: { ...one, ...(opts ? { opts } : {}) } }),
      stale,
      said: `${sync.name} was triggered`,
    }),
    pause: useChange({ run: () => api.syncs.pause({ query: {}, body: one }), stale, said: `${sync.name} is paused` }),
    start: useChange({ run: () => api.syncs.start({ query: {}, body: one }), stale, said: `${sync.name} runs on schedule again` }),
  };
}
