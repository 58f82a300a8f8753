/** What a step may find wrong, told so that a newcomer knows where to look. */

/** The platform did something else than the demo expects. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
  readonly expected: string;
  readonly came: string;
  /** What to look at next. */
  readonly look: string;
  constructor(what: string, { expected, came, look }: { expected: unknown; came: unknown; look: string }) {
    super(what);
    this.expected = show(expected);
    this.came = show(came);
    this.look = look;
  }
}

export const IN_ACTIVITY = 'Activity in the dashboard has every operation with its messages.';

/** Throws Unexpected unless both are the same as JSON. */
export function expectEqual(what: string, came: unknown, expected: unknown, look: string = IN_ACTIVITY): void {
  if (show(came) !== show(expected)) throw new Unexpected(what, { expected, came, look });
}

/**
 * Asks again until there is an answer.
 * @param probe undefined means: not yet
 * @param describe the last state, for the message
 * @throws Unexpected after `timeoutMs`
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  {
    timeoutMs = 30_000,
    describe = () => 'nothing',
    look = IN_ACTIVITY,
  }: { timeoutMs?: number; describe?: () => unknown; look?: string } = {},
): Promise<T> {
  for (const until = performance.now() + timeoutMs; ; ) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (performance.now() > until) throw new Unexpected(what, { expected: `within ${timeoutMs / 1000} s`, came: describe(), look });
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}
