/** What a connect session lets its holder do, put together for the screens. */

import type { Appearance } from '@bowline/api/appearance';
import { ApiError } from '@bowline/api/client';
import type { Client, Integration } from './client.ts';

export type Visit = {
  /** The name or address of who connects, when the session knows one. */
  who: string | undefined;
  isReconnecting: boolean;
  socketPath: string | undefined;
  appearance: Appearance;
  choices: Choice[];
};
export type Choice = {
  integration: Integration;
  /** What the app has decided already: the connection's configuration by field name. Secrets are concealed; an empty text asks the person. */
  preset: Record<string, string>;
  /** A page of the app's own that explains how to connect. */
  helpUrl: string | undefined;
};

export async function readVisit(client: Client): Promise<Visit> {
  const [session, all] = await Promise.all([client.session(), client.integrations()]);
  const allowed = session.allowed_integrations;
  const person = Object(session.endUser);
  return {
    who: textOf(person.display_name) ?? textOf(person.email),
    isReconnecting: session.isReconnecting === true,
    socketPath: session.websocketsPath,
    appearance: session.connectUISettings,
    choices: all
      .filter(({ unique_key }) => !allowed || allowed.includes(unique_key))
      .map((integration) => ({
        integration,
        preset: textsOf(Object(session.integrations_config_defaults?.[integration.unique_key]).connection_config),
        helpUrl: textOf(Object(session.overrides?.[integration.unique_key]).docs_connect),
      })),
  };
}

const ended = new Set(['unknown_connect_session_token', 'invalid_connect_session_token_format']);
export function isEnded(error: unknown): boolean {
  return error instanceof ApiError && ended.has(error.code);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function textsOf(values: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Object(values)).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
  );
}
