/** `bowline records`: reads the cache of synced records, oldest change first. With `--json` a line holds one record, so any number can be piped. */
import type { SyncedRecord } from '@bowline/api/records';
import type { TargetOptions } from '../deploy/target.ts';
import { readDate } from '../dryrun/values.ts';
import { ask, openRemote, type Remote } from '../remote/server.ts';
import { plain } from '../remote/table.ts';
import { counted, type Terminal } from '../terminal.ts';

export type RecordsOptions = TargetOptions & {
  cursor?: string;
  limit?: number;
  modifiedAfter?: string;
  /** A date or a cursor. */
  asOf?: string;
  filter?: string;
  variant?: string;
  all?: boolean;
};
type Names = { integration: string; connection: string; model: string };

/** The fewest requests that still answer at once. */
const pageOfAll = 1000;

export const recordsCommand = async (root: string, names: Names, options: RecordsOptions, terminal: Terminal): Promise<void> => {
  const { limit = options.all ? pageOfAll : 100, modifiedAfter, filter, variant } = options;
  const modified_after = modifiedAfter === undefined ? undefined : readDate('--modified-after', modifiedAfter);
  const as_of = options.asOf !== undefined && /^\d{4}-/.test(options.asOf) ? readDate('--as-of', options.asOf) : options.asOf;
  const remote = openRemote(root, options, terminal);
  let cursor = options.cursor;
  let count = 0;
  for (;;) {
    const page = await ask(remote, (api) =>
      api.records.list({
        query: { model: names.model, variant, cursor, limit, modified_after, filter, as_of },
        headers: { 'connection-id': names.connection, 'provider-config-key': names.integration },
      }),
    );
    for (const record of page.records) show(record, terminal);
    count += page.records.length;
    cursor = page.next_cursor ?? undefined;
    if (cursor === undefined || !options.all) break;
  }
  terminal.print(terminal.colours.dim(counted(count, 'record')));
  if (count === 0) await tellModels(remote, names, terminal);
  if (cursor !== undefined) terminal.note(`Next page: --cursor ${cursor}`);
};

const show = (record: SyncedRecord, terminal: Terminal): void => {
  const { _nango_metadata: known, ...fields } = record;
  terminal.line(record);
  terminal.print(`${terminal.colours.dim(`${known.last_modified_at}  ${known.last_action.padEnd(7)}`)}  ${plain(JSON.stringify(fields))}`);
};

/** A misspelt model is an empty page to the server. */
const tellModels = async (remote: Remote, { integration, connection, model }: Names, { note }: Terminal): Promise<void> => {
  const query = { syncs: '*', provider_config_key: integration, connection_id: connection } as const;
  const { syncs } = await ask(remote, (api) => api.syncs.status({ query })).catch(() => ({ syncs: [] }));
  const models = [...new Set(syncs.flatMap(({ recordCount }) => Object.keys(recordCount)))];
  if (!models.includes(model) && models.length > 0) note(`No sync of this connection keeps ${model}; they keep ${models.join(', ')}.`);
};
