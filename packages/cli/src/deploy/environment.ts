/** Which environment a key belongs to, as its server tells it, and whether that is the one that was meant. */
import { exitCodes, Failure } from '../failure.ts';
import { ask, type Remote } from '../remote/server.ts';
import type { Terminal } from '../terminal.ts';
import { sharedKey, type Target } from './target.ts';

/** Undefined where the server does not tell: an older one, or another product. */
export const environmentOf = async (remote: Remote): Promise<string | undefined> => {
  try {
    return (await ask(remote, (api) => api.environment.current({ query: {} }))).data.name;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return undefined; // what is wrong with key or server, the next question says
  }
};

/** What to say when another environment was named than the key belongs to. */
export const otherEnvironment = ({ environment, keySource }: Target, actual: string | undefined): string | undefined =>
  actual === undefined || actual.toLowerCase() === environment.toLowerCase()
    ? undefined
    : `The key from ${keySource} belongs to the environment ${actual}, not to ${environment}.`;

/**
 * A key that serves any environment is easily the wrong one: that is asked, and refused where nobody answers, `--auto-confirm` or not.
 * A variable that bears the environment's name was chosen for it: then the names merely differ.
 * @throws Failure when it is not meant
 */
export const confirmEnvironment = async (target: Target, actual: string | undefined, { io, json, note }: Terminal): Promise<void> => {
  const other = otherEnvironment(target, actual);
  if (other === undefined) return;
  if (sharedKey(target) === undefined && target.keySource !== '--secret-key') return note(other);
  if (json || !io.ask)
    throw new Failure(exitCodes.deploy, `${other} Nothing was deployed. Give the key of ${target.environment}, or deploy to ${actual}.`);
  const answer = await io.ask(`${other} Deploy to ${actual} all the same? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure(exitCodes.deploy, 'Nothing was deployed.');
};
