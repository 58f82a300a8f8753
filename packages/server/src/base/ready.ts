/** Whether this process should be sent requests: not while it starts or stops, and not without its database. */
import { sql } from 'kysely';
import type { World } from './world.ts';

/** Held by whoever starts and stops the process. `outdated`: a newer release has changed the schema so that this one does not fit it. */
export type Phase = { current: 'starting' | 'serving' | 'stopping' | 'outdated' };

/** A load balancer asks every few seconds and waits about as long. */
const ANSWER_MS = 2_000;

export async function isReady({ db }: Pick<World, 'db'>, phase: Phase): Promise<boolean> {
  if (phase.current !== 'serving') return false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ANSWER_MS);
  });
  const answers = sql`select 1`.execute(db).then(
    () => true,
    () => false,
  );
  const answered = await Promise.race([answers, late]);
  clearTimeout(timer);
  return answered && phase.current === 'serving';
}
