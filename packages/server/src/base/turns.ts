/** Background work in turns: soon again while there is something to do, after a rest when there is not. */
import type { Logger } from 'pino';

export type Turns = {
  readonly log: Logger;
  /** Said when a turn failed; the next one comes after the rest. */
  readonly trouble: string;
  /** @returns whether there may be more to do */
  readonly turn: () => Promise<boolean>;
  readonly turnMs: number;
  readonly restMs: number;
};

/** @returns how to stop; resolves when the turn under way is over */
export function keepTurning({ log, trouble, turn, turnMs, restMs }: Turns): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let turning = Promise.resolve();
  const once = async () => {
    const isMore = await turn().catch((error: unknown) => {
      log.error({ err: error }, trouble);
      return false;
    });
    if (!stopped) plan(isMore ? turnMs : restMs);
  };
  const plan = (ms: number) => {
    timer = setTimeout(() => {
      turning = once();
    }, ms);
  };
  plan(turnMs);
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await turning;
  };
}
