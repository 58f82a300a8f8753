/** What a connect session lets its holder do, read with the session's token alone: the cookie of a member who tries the link plays no part. */
import { ApiError, type Client, createClient } from '@bowline/api/client';
import { connect } from '@bowline/api/connect';
import { type Integration, integrations } from '@bowline/api/integrations';
import { providers } from '@bowline/api/providers';
import * as z from 'zod';
import { ConnectProblem } from '../../connect/problem.ts';

const used = { connect, integrations, providers };
export type VisitClient = Client<typeof used>;

export type Visit = {
  /** The name or address of who connects, when the session knows one. */
  who: string | undefined;
  isReconnecting: boolean;
  socketPath: string | undefined;
  choices: Choice[];
};
export type Choice = {
  integration: Integration;
  /** What the app has decided already: the connection's configuration by field name. */
  preset: Record<string, string>;
  helpUrl: string | undefined;
};

const Person = z.object({
  display_name: z.string().min(1).optional().catch(undefined),
  email: z.string().min(1).optional().catch(undefined),
});
const Preset = z.object({ connection_config: z.record(z.string(), z.unknown()).catch({}) });
const Override = z.object({ docs_connect: z.string() });

export function visitClient(token: string): VisitClient {
  return createClient(used, { baseUrl: '', headers: () => ({ authorization: `Bearer ${token}` }) });
}

export async function readVisit(client: VisitClient): Promise<Visit> {
  const [{ data: session }, { data: all }] = await Promise.all([
    client.connect.getSession({ query: {} }),
    client.integrations.list({ query: {} }),
  ]);
  const allowed = session.allowed_integrations;
  const person = Person.safeParse(session.endUser).data;
  return {
    who: person?.display_name ?? person?.email,
    isReconnecting: session.isReconnecting === true,
    socketPath: session.websocketsPath,
    choices: all
      .filter(({ unique_key }) => !allowed || allowed.includes(unique_key))
      .map((integration) => ({
        integration,
        preset: texts(Preset.safeParse(session.integrations_config_defaults?.[integration.unique_key]).data?.connection_config),
        helpUrl: Override.safeParse(session.overrides?.[integration.unique_key]).data?.docs_connect,
      })),
  };
}

const ended = new Set(['unknown_connect_session_token', 'invalid_connect_session_token_format']);
export function isEnded(error: unknown): boolean {
  return (error instanceof ApiError && ended.has(error.code)) || (error instanceof ConnectProblem && ended.has(error.type));
}

function texts(values: Record<string, unknown> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])));
}
