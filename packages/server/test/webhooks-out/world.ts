/** What sending webhooks needs, all of it real; outbound requests may reach this machine. */
import { randomBytes, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { createBus } from '../../src/base/bus.ts';
import { parseConfig } from '../../src/base/config.ts';
import { createJournal } from '../../src/base/journal.ts';
import { createOutbound } from '../../src/base/outbound.ts';
import { connectPostgres, type PostgresTarget } from '../../src/base/postgres.ts';
import type { World } from '../../src/base/world.ts';
import { saveLog } from '../../src/logs/save.ts';
import { keyringOf, masterKeys } from '../keyring.ts';

export type SendingWorld = Omit<World, 'sandboxes' | 'pageThreads' | 'schemaChecks' | 'builtIns' | 'templatesPath'>;

export async function createSendingWorld(target: PostgresTarget, key: Buffer) {
  const log = pino({ level: process.env.TEST_LOG ?? 'silent' });
  const { pool, db } = connectPostgres(target, { max: 8, log });
  const keyring = keyringOf(db, masterKeys([1, key]));
  const bus = await createBus({ target, db, log });
  const journal = createJournal((entries: Parameters<typeof saveLog>[1]) => saveLog({ db, bus, log }, entries), { log });
  const outbound = createOutbound({ allow: ['127.0.0.1'] });
  const clock = { now: () => new Date() };
  const random = { bytes: randomBytes, uuid: randomUUID, fraction: Math.random };
  const world: SendingWorld = { config: parseConfig({}), db, clock, random, keyring, log, outbound, bus, journal };
  const close = async () => {
    await journal.close();
    await bus.close();
    await outbound.close();
    await pool.end();
  };
  return { world, pool, close };
}
