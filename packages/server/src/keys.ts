/**
 * The `keys` command: which keys are in use, and rotating them while the platform runs. A command beside the server and not a route,
 * because whoever may call it holds the master keys: that is the operator of this machine and no API key.
 */
import { parseArgs } from 'node:util';
import { type Config, parseConfig } from './base/config.ts';
import { startEmbedded } from './base/embedded.ts';
import { HomeTakenError, lockHome } from './base/home.ts';
import { createLog } from './base/log.ts';
import { connectPostgres, type PostgresTarget } from './base/postgres.ts';
import { sealedOfCaptures } from './captures/sealed.ts';
import { sealedOfConnect } from './connect/sealed.ts';
import { sealedOfConnections } from './connections/sealed.ts';
import { sealedOfEnvironments } from './environments/sealed.ts';
import { sealedOfIntegrations } from './integrations/sealed.ts';
import { sealedOfRecords } from './records/sealed.ts';
import { sealedOfSubscriptions } from './subscriptions/sealed.ts';
import { checkKeys } from './vault/check.ts';
import type { SealedColumn } from './vault/column.ts';
import { configureKeys, type Keys } from './vault/configure.ts';
import { type Rotated, type RotateOptions, rotateKeys } from './vault/rotate.ts';
import type { Progress } from './vault/rotate-values.ts';
import { type KeyStatus, keyStatus } from './vault/status.ts';
import { sealedOfWebhooksIn } from './webhooks-in/sealed.ts';
import { sealedOfWebhooksOut } from './webhooks-out/sealed.ts';

/** Every column that holds sealed values. */
export const sealedColumns: readonly SealedColumn[] = [
  ...sealedOfEnvironments,
  ...sealedOfIntegrations,
  ...sealedOfConnections,
  ...sealedOfConnect,
  ...sealedOfCaptures,
  ...sealedOfSubscriptions,
  ...sealedOfWebhooksIn,
  ...sealedOfWebhooksOut,
  ...sealedOfRecords,
];

export const usage = `Usage: npm run keys -- <command> [--json]

  status   which keys seal what, and which are still needed
  rotate   a new master key, new data keys, and every value sealed again, while the platform runs

  --keep-master   rotate: no new master key. With keys from BOWLINE_ENCRYPTION_KEY or a key service there is none to make anyway
  --json          one JSON object a line, the last one the result

Configured as the server is (docs/configuration.md); how it works: docs/security/keys.md`;

type Terminal = { readonly env: Readonly<Record<string, string | undefined>>; readonly print: (line: string) => void };

/** @public what `npm run keys` calls. @returns the exit code: 1 when a value could not be read, 2 for a command that is none */
export async function runKeys(args: readonly string[], { env, print }: Terminal): Promise<number> {
  const { positionals, values } = readArguments(args);
  const [command, ...rest] = positionals;
  if (rest.length > 0 || (command !== 'status' && command !== 'rotate')) {
    print(usage);
    return 2;
  }
  const config = parseConfig(env);
  const { json = false } = values;
  const keys = configureKeys(config);
  const database = await openDatabase(config);
  // Values are sealed again by as many at a time; a platform beside us needs its connections too.
  const { pool, db } = connectPostgres(database.target, { max: 8, log: createLog('silent') });
  try {
    const world = { db, columns: sealedColumns, ...keys };
    await checkKeys(world);
    if (command === 'status') {
      const status = await keyStatus(world, sealedColumns);
      print(json ? JSON.stringify(status) : describeStatus(status, keys));
      return 0;
    }
    const options: RotateOptions = {
      newMaster: !values['keep-master'] && canMakeMaster(config),
      report: (progress) => print(json ? JSON.stringify(progress) : describe(progress)),
    };
    const rotated = await rotateKeys(world, options);
    const status = await keyStatus(world, sealedColumns);
    print(json ? JSON.stringify({ step: 'end', ...rotated, needed: status.needed }) : `${sum(rotated)}\n\n${describeStatus(status, keys)}`);
    return rotated.unreadable.length > 0 ? 1 : 0;
  } finally {
    await pool.end();
    await Promise.all([keys.close(), database.close()]);
  }
}

function readArguments(args: readonly string[]) {
  try {
    const options = { json: { type: 'boolean' }, 'keep-master': { type: 'boolean' } } as const;
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch {
    return { positionals: [], values: {} };
  }
}

/** Another machine on the same database would not see a key that is added to a file of this one. */
const canMakeMaster = (config: Config) => config.databaseUrl === undefined;

/** Beside a running platform its Postgres is used; without one it is started and stopped here. */
async function openDatabase(config: Config): Promise<{ target: PostgresTarget; close: () => Promise<void> }> {
  if (config.databaseUrl) return { target: config.databaseUrl, close: async () => {} };
  const log = createLog('silent');
  try {
    const lock = lockHome(config.home, { url: 'npm run keys' });
    const { target, stop } = await startEmbedded({ home: config.home, log });
    return { target, close: () => stop().finally(() => lock.release()) };
  } catch (error) {
    if (!(error instanceof HomeTakenError)) throw error;
    return { target: (await startEmbedded({ home: config.home, log })).target, close: async () => {} };
  }
}

function describe(progress: Progress): string {
  switch (progress.step) {
    case 'begin':
      return `${progress.resumed ? 'going on with the rotation that was cut short' : 'rotating'}; ${progress.wrappedBy} wraps data keys`;
    case 'wrap':
      return `  data keys wrapped again: ${progress.keys}`;
    case 'replace':
      return `  new data keys: ${progress.keys}`;
    case 'seal':
      return `  ${progress.column}: ${progress.seen} of ${progress.of} looked at, ${progress.sealed} sealed again`;
    case 'wait':
      return `  waiting ${Math.ceil(progress.ms / 1000)} s, until nobody seals with a retired key any more`;
  }
}

function sum({ sealed, replaced, wrapped, removed, destroyed, unreadable }: Rotated): string {
  const lines = [
    `Rotated: ${sealed} values sealed again, ${replaced} new data keys, ${wrapped} wrapped again, ${removed} old ones removed.`,
    ...(destroyed > 0 ? [`${destroyed} values belong to deleted environments; nothing opens them any more.`] : []),
    ...unreadable.map((line) => `UNREADABLE, left as it was: ${line}`),
  ];
  return lines.join('\n');
}

function describeStatus({ dataKeys, values, rotatingSince, needed }: KeyStatus, { master }: Keys): string {
  return [
    ...Object.entries(dataKeys).map(([name, { sealing, retired }]) => `${name} wraps ${sealing} data keys, and ${retired} retired ones`),
    ...Object.entries(values).map(([name, count]) => `${count} values are sealed with ${name === 'data key' ? 'data keys' : name}`),
    ...(rotatingSince ? [`A rotation that began ${rotatingSince} has not ended; call rotate to go on with it.`] : []),
    `Needed: ${needed.join(', ') || 'none'}. Local keys (${master.source}) that are not named here may be removed, once no backup needs them.`,
  ].join('\n');
}
