/** Answers a function's calls in a dry run: the provider, the connection and the cache are the real ones, what the run stores stays here. */
import type { SandboxAnswer, SandboxCall } from '@bowline/sandbox/pool';
import type { Done } from '../fixture/host.ts';
import { type Answers, dispatch } from '../local/calls.ts';
import { connectionAnswers } from './host-connection.ts';
import { httpAnswers } from './host-http.ts';
import { type Kept, recordAnswers } from './host-records.ts';
import type { Setup } from './setup.ts';

export type LiveHost = { kept: Map<string, Kept>; answer: (call: SandboxCall) => Promise<SandboxAnswer> };

export function liveHost(setup: Setup): LiveHost {
  const kept = new Map<string, Kept>();
  const answers: Answers = {
    ...httpAnswers(setup),
    ...connectionAnswers(setup),
    ...recordAnswers(setup, kept),
    ...checkpointAnswers(setup),
    ...lockAnswers(),
  };
  return { kept, answer: (call) => dispatch(answers, call) };
}

function checkpointAnswers({ done, found }: Setup): Answers<'checkpoint.get' | 'checkpoint.save' | 'checkpoint.clear'> {
  const leave = (checkpoint: Done['checkpoint']): SandboxAnswer => {
    found.usesCheckpoint = true;
    done.checkpoint = checkpoint;
    return {};
  };
  return {
    'checkpoint.get': () => {
      found.usesCheckpoint = true;
      return { value: done.checkpoint };
    },
    'checkpoint.save': ({ checkpoint }) => leave(checkpoint),
    'checkpoint.clear': () => leave(null),
  };
}

/** Of this run alone: a try must not stand in the way of the real one. */
const lockAnswers = (): Answers<'lock.acquire' | 'lock.release' | 'lock.releaseAll'> => ({
  'lock.acquire': () => ({ value: true }),
  'lock.release': () => ({ value: true }),
  'lock.releaseAll': () => ({}),
});
