/**
 * Alerts: what needs somebody's look. Each minute what is so now is held against what was told, and the difference is told, in one transaction: each
 * once when it begins and once when it is over, however many processes look.
 */
import { sql } from 'kysely';
import { many, only, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { connectionNames } from '../connections/find.ts';
import type { AlertNews } from '../events/event.ts';
import { type News, publishAll } from '../events/publish.ts';
import { everyIntegration } from '../integrations/find.ts';
import { heldBudgets } from '../limits/budget-row.ts';
import { failingSubscriptions } from '../subscriptions/list.ts';
import { lateSyncs } from '../syncs/waiting.ts';

/** Something that is wrong now, by row ids. */
type Finding = {
  readonly environmentId: number;
  readonly kind: AlertNews['alert'];
  readonly subject: string;
  readonly integrationId: number;
  readonly connectionId: number | null;
  readonly about: string | null;
  readonly since: Date | null;
  readonly until: Date | null;
};

/** A limit that opens again sooner is the daily run of things. */
const HELD_MS_MIN = 60_000;
const LATE_MS = 15 * 60_000;
/** A refusal or two may be a provider's bad minute. */
const FAILURES_MIN = 3;
const EVERY_MS = 60_000;
/** Of one kind. Where more is wrong than that, more alerts would help nobody. */
const MAX = 1_000;
/** The bytes of "alrt". */
const LOCK = 0x616c7274;

/** @returns how to stop */
export function keepAlerts(world: Pick<World, 'db' | 'clock' | 'log'>): () => Promise<void> {
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = lookForAlerts(world).catch((error: unknown) => world.log.warn({ err: error }, 'looking for alerts failed'));
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

export async function lookForAlerts({ db, clock }: Pick<World, 'db' | 'clock'>): Promise<void> {
  await transaction(db, async (tx) => {
    // Whoever looks at the same moment leaves it to the first.
    const { mine } = await only<{ mine: boolean }>(tx, sql`select pg_try_advisory_xact_lock(${LOCK}) as mine`);
    if (mine) await tellDifference(tx, await findingsOf(tx, clock.now()));
  });
}

async function findingsOf(db: Database, now: Date): Promise<Finding[]> {
  const ago = (ms: number) => new Date(now.getTime() - ms);
  const held = await heldBudgets(db, new Date(now.getTime() + HELD_MS_MIN), MAX);
  const late = await lateSyncs(db, ago(LATE_MS), MAX);
  const failing = await failingSubscriptions(db, { now, failures: FAILURES_MIN, max: MAX });
  return [
    ...held.map(
      (one): Finding => ({
        ...one,
        kind: 'rate_limit',
        subject: `${one.integrationId} ${one.connectionId ?? ''} ${one.part}`,
        about: one.part || null,
        since: null,
        until: one.heldUntil,
      }),
    ),
    ...late.map((one): Finding => ({ ...one, kind: 'late_sync', subject: one.id, about: one.name, since: one.wantsAt, until: null })),
    ...failing.map((one): Finding => ({ ...one, kind: 'subscription', subject: one.id, about: one.error, since: null, until: one.nextAt })),
  ];
}

type Told = { environmentId: number; kind: Finding['kind']; subject: string; news: AlertNews };

async function tellDifference(tx: Database, findings: readonly Finding[]): Promise<void> {
  const known = await many<Told>(tx, sql`select environment_id, kind, subject, news from alerts order by environment_id, kind, subject`);
  const keyOf = ({ environmentId, kind, subject }: Pick<Finding, 'environmentId' | 'kind' | 'subject'>) =>
    `${environmentId} ${kind} ${subject}`;
  const [before, now] = [new Set(known.map(keyOf)), new Set(findings.map(keyOf))];
  const opened = await named(
    tx,
    findings.filter((one) => !before.has(keyOf(one))),
  );
  const resolved = known.filter((one) => !now.has(keyOf(one)));
  if (opened.length > 0)
    await run(
      tx,
      sql`insert into alerts (environment_id, kind, subject, news)
          select environment_id, kind, subject, news from jsonb_to_recordset(${JSON.stringify(opened.map(rowOf))}::jsonb)
                 as a(environment_id int, kind text, subject text, news jsonb) on conflict do nothing`,
    );
  if (resolved.length > 0)
    await run(
      tx,
      sql`delete from alerts using jsonb_to_recordset(${JSON.stringify(resolved.map(rowOf))}::jsonb) as a(environment_id int, kind text, subject text)
           where alerts.environment_id = a.environment_id and alerts.kind = a.kind and alerts.subject = a.subject`,
    );
  const news = new Map<number, News[]>();
  for (const [type, all] of [
    ['alert.opened', opened],
    ['alert.resolved', resolved],
  ] as const)
    for (const { environmentId, news: payload } of all) news.set(environmentId, [...(news.get(environmentId) ?? []), { type, payload }]);
  for (const [environmentId, all] of news) await publishAll(tx, environmentId, all);
}

const rowOf = ({ environmentId, kind, subject, news }: Told) => ({ environment_id: environmentId, kind, subject, news });

/** As people know them. */
async function named(tx: Database, findings: readonly Finding[]): Promise<Told[]> {
  const told: Told[] = [];
  for (const id of new Set(findings.map(({ environmentId }) => environmentId))) {
    const scope = { environment: { id } };
    const own = findings.filter(({ environmentId }) => environmentId === id);
    const integrations = await everyIntegration(tx, scope);
    const ids = own.flatMap(({ connectionId }) => connectionId ?? []);
    const connections = await connectionNames(tx, scope, ids);
    for (const { environmentId, kind, subject, integrationId, connectionId, about, since, until } of own) {
      const news: AlertNews = {
        alert: kind,
        providerConfigKey: integrations.get(integrationId)?.uniqueKey ?? '',
        connectionId: connectionId === null ? null : (connections.get(connectionId) ?? null),
        about,
        since: since?.toISOString() ?? null,
        until: until?.toISOString() ?? null,
      };
      told.push({ environmentId, kind, subject, news });
    }
  }
  return told;
}

/** Of an environment that was deleted nothing is told. */
export async function removeAlerts(db: Database, environmentId: number): Promise<void> {
  await run(db, sql`delete from alerts where environment_id = ${environmentId}`);
}
