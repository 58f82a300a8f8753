/**
 * kill -9 of the whole tree (platform, Postgres) at random moments of a deployment and of a rollback, again and again on one data folder. After
 * each restart everything is as before or as after, functions and history alike. KILL_SEED repeats a run.
 */
import { expect, onTestFinished, test } from 'vitest';
import { flowOf } from '../packages/server/test/functions.ts';
import { dropHome, makeHome, type Platform, startPlatform } from './platform.ts';

const KEY = 'many';
const FUNCTIONS = 150;
const ROUNDS = 8;
const SEED = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);

test(`${ROUNDS} kills in the middle of deployments and rollbacks leave all of one or nothing (seed ${SEED})`, {
  timeout: 400_000,
}, async () => {
  console.log(`KILL_SEED=${SEED}`);
  const place = await makeHome();
  let platform = await startPlatform(place);
  onTestFinished(async () => {
    await platform.stop();
    dropHome(place);
  });
  await platform.nango.createIntegration({ provider: 'unauthenticated', unique_key: KEY });
  const started = performance.now();
  await deploy(platform, 'first');
  /** How long one takes here: the moments of the kills are spread over it. */
  const takesMs = performance.now() - started;
  await deploy(platform, 'second');
  let random = SEED;
  const outcomes = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const before = await stateOf(platform);
    const isRollback = round % 2 === 1;
    const work = isRollback ? rollBack(platform, before) : deploy(platform, `round ${round}`);
    const ended = work.then(
      () => 'answered',
      () => 'cut off',
    );
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, ((0.1 + round / ROUNDS) * takesMs + (random % 20)) * 0.9))]);
    await platform.kill();
    const answer = await ended;
    platform = await startPlatform(place);
    const after = await stateOf(platform);
    const about = `round ${round} of seed ${SEED}, ${answer}`;
    expect(new Set(after.hashes.map(({ label }) => label)).size, about).toBe(1);
    const isDone = after.newest === before.newest + 1;
    if (answer === 'answered') expect(isDone, about).toBe(true);
    if (isDone) expect(after.changes, about).toBe(FUNCTIONS);
    else expect(after, about).toEqual(before);
    outcomes.add(isDone ? 'done' : 'nothing');
    // Nothing of it holds up the next one.
    await deploy(platform, `after round ${round}`);
  }
  console.log(`outcomes: ${[...outcomes].join(', ')}`);
});

/** All functions with code that says which deployment it is of. */
async function deploy(platform: Platform, mark: string): Promise<void> {
  const flowConfigs = Array.from({ length: FUNCTIONS }, (_, n) =>
    flowOf({ type: 'action', name: `f-${n}`, integration: KEY, exec: `return '${mark}'`, version: mark }),
  );
  await post(platform, '/sync/deploy', { flowConfigs, reconcile: true, debug: false, nangoYamlBody: '', deployMode: 'all' });
}

const rollBack = (platform: Platform, { newest }: State) => post(platform, `/deployments/${newest - 1}/rollback`, undefined);

async function post(platform: Platform, path: string, body: unknown): Promise<void> {
  const response = await platform.fetch(path, {
    method: 'POST',
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}

type State = { newest: number; changes: number; hashes: { name: string; label: string }[] };

async function stateOf({ api }: Platform): Promise<State> {
  const { data } = await api.history.deployments({ query: { limit: 1 } });
  const pages = await Promise.all(
    [0, 1].map((page) => api.integrations.functions({ params: { uniqueKey: KEY }, query: { limit: 100, page } })),
  );
  const hashes = pages.flatMap((page) => page.data).map(({ name, version }) => ({ name, label: version ?? '' }));
  expect(hashes).toHaveLength(FUNCTIONS);
  return { newest: data[0]?.number ?? 0, changes: data[0]?.changes.length ?? 0, hashes };
}
