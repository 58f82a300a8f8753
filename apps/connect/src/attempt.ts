/** One attempt to connect, from the click to the connection: what state it is in, and how to start, restart and leave it. */

import type { Values } from '@bowline/api/form';
import { Bowline } from '@bowline/browser';
import { useEffect, useRef, useState } from 'react';
import { type Failure, failureOf } from './failure.ts';
import { authOptions, type Plan } from './form/plan.ts';

export type Attempt =
  | { step: 'idle'; failure: Failure | undefined }
  | { step: 'sending' }
  | { step: 'waiting'; windowGone: boolean }
  | { step: 'done'; connectionId: string; isPending: boolean };

export type Target = {
  apiUrl: string;
  token: string;
  socketPath: string | undefined;
  key: string;
  authMode: string;
  /** A window that looks closed ends the attempt; else the person decides, because some providers' windows only look so. */
  detectClosedAuthWindow: boolean;
  onDone: (result: { connectionId: string; isPending: boolean }) => void;
  /** Once for each attempt that fails. */
  onFailed: (failure: Failure) => void;
};
type Going = { controller: AbortController; client: Bowline };

const LOOK_MS = 700;
const left: Failure = { kind: 'closed', type: 'window_closed', message: 'It was left off before access was granted', fields: {} };

export function useAttempt(target: Target) {
  const [attempt, setAttempt] = useState<Attempt>({ step: 'idle', failure: undefined });
  const going = useRef<Going>(undefined);
  useEffect(() => () => going.current?.controller.abort(), []);
  useWindowWatch(attempt, going.current?.client, (windowGone) => setAttempt({ step: 'waiting', windowGone }));

  /** Inside a click: the window must open before anything is awaited. What is under way gives way without a word. */
  const start = async (plan: Plan, values: Values) => {
    going.current?.controller.abort();
    const own: Going = { controller: new AbortController(), client: clientOf(target) };
    going.current = own;
    setAttempt(plan.how === 'popup' && !plan.isOutbound ? { step: 'waiting', windowGone: false } : { step: 'sending' });
    try {
      const { connectionId, isPending = false } = await run(own, target, plan, values);
      if (going.current !== own) return;
      setAttempt({ step: 'done', connectionId, isPending });
      target.onDone({ connectionId, isPending });
    } catch (error) {
      if (going.current === own && !own.controller.signal.aborted) fail(failureOf(error));
    }
  };
  const fail = (failure: Failure) => {
    setAttempt({ step: 'idle', failure });
    target.onFailed(failure);
  };
  const cancel = () => {
    going.current?.controller.abort();
    going.current = undefined;
    fail(left);
  };
  const dismiss = () => setAttempt({ step: 'idle', failure: undefined });
  return { attempt, start, cancel, dismiss };
}

function clientOf({ apiUrl, token, socketPath }: Target): Bowline {
  return new Bowline({ host: apiUrl, connectSessionToken: token, ...(socketPath ? { websocketsPath: socketPath } : {}) });
}

function run({ client, controller: { signal } }: Going, target: Target, plan: Plan, values: Values) {
  const options = { ...authOptions(plan, values, target.authMode), signal };
  if (plan.how === 'create') return client.create(target.key, options);
  return client.auth(target.key, { ...options, detectClosedAuthWindow: target.detectClosedAuthWindow });
}

/** Tells when the window is gone, or back: some come back when they left a page that hid them. */
function useWindowWatch(attempt: Attempt, client: Bowline | undefined, onChange: (isGone: boolean) => void): void {
  const shown = attempt.step === 'waiting' ? attempt.windowGone : undefined;
  useEffect(() => {
    if (shown === undefined) return;
    const timer = setInterval(() => {
      const isGone = client?.win?.modal.closed === true;
      if (isGone !== shown) onChange(isGone);
    }, LOOK_MS);
    return () => clearInterval(timer);
  });
}
