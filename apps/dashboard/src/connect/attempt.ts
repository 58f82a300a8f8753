/** One attempt to connect, from the click to the connection: what state it is in and how to start, restart and leave it. */
import { useEffect, useRef, useState } from 'react';
import { type ConnectField, type Values, valuesOf } from './fields.ts';
import { type ConnectClient, modeOf } from './modes.ts';
import { ConnectProblem } from './problem.ts';
import { authorize, openWindow } from './window.ts';

export type Attempt =
  | { step: 'idle' }
  | { step: 'sending' }
  | { step: 'waiting'; closed: boolean }
  /** The id is unknown when only the window could tell that it worked. */
  | { step: 'done'; connectionId: string | undefined }
  | { step: 'failed'; error: unknown };

export type Target = {
  baseUrl: string;
  /** Where the server tells how the window ended; `/` when absent. */
  socketPath?: string | undefined;
  client: ConnectClient;
  key: string;
  authMode: string;
  /** A token that lets this browser connect. */
  makeToken: () => Promise<string>;
  /** Prepares `find`: taken before the attempt, so that what it made can be told from what was there. Absent for who may not list connections. */
  watch?: () => Promise<() => Promise<string | undefined>>;
};

export function useAttempt(target: Target) {
  const [attempt, setAttempt] = useState<Attempt>({ step: 'idle' });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const start = async (fields: ConnectField[], values: Values) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const { signal } = controller;
    const show = (next: Attempt) => !signal.aborted && setAttempt(next);
    try {
      const connectionId =
        modeOf(target.authMode)?.kind === 'window'
          ? await inWindow(target, valuesOf(fields, values, 'connection_config'), signal, show)
          : await byForm(target, fields, values, show);
      show({ step: 'done', connectionId });
    } catch (error) {
      show({ step: 'failed', error });
    }
  };
  const cancel = () => {
    running.current?.abort();
    setAttempt({ step: 'idle' });
  };
  return { attempt, start, cancel };
}

type Show = (attempt: Attempt) => void;

async function inWindow(target: Target, params: Values, signal: AbortSignal, show: Show): Promise<string | undefined> {
  const opened = openWindow(); // before anything is awaited, or the browser blocks it
  show({ step: 'waiting', closed: false });
  try {
    const [token, find] = await Promise.all([target.makeToken(), target.watch?.()]);
    const onClosed = () => show({ step: 'waiting', closed: true });
    const { baseUrl, socketPath, key } = target;
    return await authorize(opened, { baseUrl, socketPath, token, key, params, find, onClosed, signal });
  } finally {
    opened.close();
  }
}

async function byForm(target: Target, fields: ConnectField[], values: Values, show: Show): Promise<string> {
  const mode = modeOf(target.authMode);
  if (mode?.kind !== 'form') throw new ConnectProblem('invalid_auth_mode', `${target.authMode} cannot be connected in a browser`);
  show({ step: 'sending' });
  const params = Object.entries(valuesOf(fields, values, 'connection_config')).map(([name, value]) => [`params[${name}]`, value]);
  const query = { connect_session_token: await target.makeToken(), ...Object.fromEntries(params) };
  const credentials = valuesOf(fields, values, 'credentials');
  return (await mode.submit({ client: target.client, key: target.key, query, credentials })).connectionId;
}
