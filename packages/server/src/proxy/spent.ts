/** Who spent the rate limits of an integration in the last 24 hours, and how they stand now: for its page in the dashboard. */
import type { RateLimits } from '@bowline/api/dashboard';
import type { World } from '../base/world.ts';
import { findWithIntegration, namesOf } from '../connections/find.ts';
import type { Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import type { Budget } from '../limits/budget.ts';
import { listBudgets, type StoredBudget } from '../limits/budget-row.ts';
import { type Spent, spentSince } from '../limits/spending.ts';
import { storeSpending } from './budget.ts';

const SLOT_MS = 30 * 60_000;
const SLOTS = 48;
const SHOWN_MAX = 50;
/** A budget that nobody asked for longer says nothing about now. */
const FRESH_MS = 60 * 60_000;

/** @throws unknown_provider_config, unknown_connection */
export async function rateLimitsOf(
  world: World,
  scope: Scope,
  wanted: { providerConfigKey: string; connectionId?: string | undefined },
): Promise<RateLimits> {
  const { integrationId, connectionId } = await ofWhom(world, scope, wanted);
  const name = { environmentId: scope.environment.id, integrationId };
  const now = world.clock.now().getTime();
  const first = (Math.floor(now / SLOT_MS) - SLOTS + 1) * SLOT_MS;
  const isWanted = (one: { connectionId: number | null }) =>
    connectionId === undefined || one.connectionId === null || one.connectionId === connectionId;
  await storeSpending(world.clock); // what this process sent a moment ago is looked for first
  const spent = (await spentSince(world, name, new Date(first))).filter(isWanted);
  const budgets = (await listBudgets(world, name, SHOWN_MAX)).filter((one) => isWanted(one) && now - one.changedAt.getTime() < FRESH_MS);
  const most = byConnection(spent).slice(0, SHOWN_MAX);
  const ids = [...most.map(([id]) => id), ...budgets.flatMap((one) => one.connectionId ?? [])];
  const names = await namesOf(world, scope, ids);
  return {
    slots: slotsOf(spent, first),
    connections: most.map(([id, counts]) => ({ connection_id: names.get(id) ?? null, ...counts })),
    limits: budgets.map((one) => limitOf(one, names, now)),
  };
}

async function ofWhom(
  world: World,
  scope: Scope,
  { providerConfigKey, connectionId }: { providerConfigKey: string; connectionId?: string | undefined },
) {
  if (connectionId === undefined) return { integrationId: (await findIntegration(world, scope, providerConfigKey)).id };
  const { connection } = await findWithIntegration(world, scope, { providerConfigKey, connectionId });
  return { integrationId: connection.integrationId, connectionId: connection.id };
}

const none = () => ({ proxy: 0, action: 0, sync: 0, refused: 0 });

function slotsOf(spent: readonly Spent[], first: number): RateLimits['slots'] {
  const slots = Array.from({ length: SLOTS }, (_, index) => ({ at: new Date(first + index * SLOT_MS).toISOString(), ...none() }));
  for (const { startedAt, kind, requests, refused } of spent) {
    const slot = slots[Math.floor((startedAt.getTime() - first) / SLOT_MS)];
    if (!slot) continue;
    slot[kind] += requests;
    slot.refused += refused;
  }
  return slots;
}

function byConnection(spent: readonly Spent[]) {
  const all = new Map<number, ReturnType<typeof none> & { waits: number; waited_ms: number }>();
  for (const { connectionId, kind, requests, refused, waits, waitedMs } of spent) {
    const counts = all.get(connectionId) ?? { ...none(), waits: 0, waited_ms: 0 };
    counts[kind] += requests;
    counts.refused += refused;
    counts.waits += waits;
    counts.waited_ms += waitedMs;
    all.set(connectionId, counts);
  }
  const sum = ({ proxy, action, sync }: ReturnType<typeof none>) => proxy + action + sync;
  return [...all].sort(([, a], [, b]) => sum(b) - sum(a));
}

function limitOf({ connectionId, part, state }: StoredBudget, names: Map<number, string>, now: number): RateLimits['limits'][number] {
  const { pace } = state;
  const window = currentWindow(state, now);
  return {
    connection_id: connectionId === null ? null : (names.get(connectionId) ?? null),
    of: connectionId === null ? 'integration' : 'connection',
    part,
    held_until: heldUntil(state, now),
    limit: window?.limit ?? null,
    remaining: window ? Math.max(0, window.left) : null,
    ends_at: window?.endsAt ? new Date(window.endsAt).toISOString() : null,
    per_second: pace?.perSecond ?? null,
  };
}

/** The provider refused, or there is nothing left until its window ends. */
function heldUntil({ hold, window }: Budget, now: number): string | null {
  const until = Math.max(hold.probing ? hold.until : 0, window && window.left <= 0 ? (window.endsAt ?? 0) : 0);
  return until > now ? new Date(until).toISOString() : null;
}

function currentWindow({ window }: Budget, now: number): Budget['window'] {
  return window?.endsAt && window.endsAt < now ? { ...window, left: window.limit, endsAt: null } : window;
}
