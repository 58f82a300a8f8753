/** A draft without secrets as a recording: the keys of the reference's form, and under `bowline` what that form leaves out. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { Entry, Fixture } from '../fixture/fixture.ts';
import { hashOf, type Identity, identify } from '../fixture/identity.ts';
import type { Draft, DraftExchange } from './draft.ts';

export function buildFixture(draft: Draft): Fixture {
  const { input, output, connection, metadata, saved, deleted } = draft;
  const isSync = draft.kind === 'sync' || draft.kind === 'webhook';
  const nango = {
    ...(connection ? { getConnection: connectionOf(draft, connection) } : {}),
    ...(metadata === undefined ? {} : { getMetadata: metadata }),
    ...(isSync ? { batchSave: saved } : {}),
    ...(Object.keys(deleted).length > 0 ? { batchDelete: deleted } : {}),
  };
  return {
    ...('input' in draft ? { input } : {}),
    ...('output' in draft ? { output } : {}),
    nango,
    api: apiOf(draft.exchanges),
    bowline: contextOf(draft),
  };
}

/** Never what grants access: of the credentials only the form is left, for functions that look at it. */
const connectionOf = ({ connectionId, provider }: Draft, { connection_config, credentials }: NonNullable<Draft['connection']>) => ({
  connection_id: connectionId,
  provider,
  connection_config: connection_config ?? {},
  credentials,
});

function contextOf(draft: Draft): NonNullable<Fixture['bowline']> {
  const { kind, clock, connectionId, provider, variant, lastSyncDate, payload, token, integration, variables, records, actions } = draft;
  const expect = {
    ...(draft.error ? { error: draft.error } : {}),
    ...(draft.after === undefined ? {} : { checkpoint: draft.after }),
    ...(Object.keys(draft.updated).length > 0 ? { batchUpdate: draft.updated } : {}),
  };
  return {
    kind,
    provider,
    clock,
    connectionId,
    ...(variant === 'base' ? {} : { variant }),
    ...(lastSyncDate === undefined ? {} : { lastSyncDate }),
    ...(draft.before === null ? {} : { checkpoint: draft.before }),
    ...(payload === undefined ? {} : { payload }),
    ...(token === undefined ? {} : { token }),
    ...(integration === undefined ? {} : { integration }),
    ...(variables === undefined ? {} : { variables }),
    ...(Object.keys(records).length > 0 ? { records } : {}),
    ...(Object.keys(actions).length > 0 ? { actions } : {}),
    ...(Object.keys(expect).length > 0 ? { expect } : {}),
  };
}

type Api = Record<string, Record<string, Entry | Entry[]>>;

/** In the order of the run; one entry for a path stands alone, more are a list. */
function apiOf(exchanges: readonly DraftExchange[]): Api {
  const api: Api = {};
  const asked = new Map<string, number>();
  for (const exchange of exchanges) {
    const identity = identify(exchange.request);
    const next = entryOf(exchange, identity);
    const key = hashOf(identity);
    const turn = (asked.get(key) ?? 0) + 1;
    asked.set(key, turn);
    api[identity.method] ??= {};
    const paths = api[identity.method] ?? {};
    const path = `/${identity.endpoint}`;
    const known = paths[path] === undefined ? [] : [paths[path]].flat();
    const last = known.findLast(({ hash }) => hash === key);
    // The same question with the same answer says nothing new; another answer is that of a later turn.
    if (last && isDeepStrictEqual([last.response, last.status], [next.response, next.status])) continue;
    paths[path] = known.length === 0 ? next : [...known, last ? { ...next, turn } : next];
  }
  return api;
}

function entryOf({ status, headers, answer, encoding }: DraftExchange, identity: Identity): Entry {
  const { params, headers: told, data } = identity;
  const request = {
    ...(params.length > 0 ? { params: Object.fromEntries(params) } : {}),
    ...(told.length > 0 ? { headers: Object.fromEntries(told) } : {}),
    ...(data === undefined ? {} : { data: parsed(data) }),
  };
  return { request, response: answer, status, headers, hash: hashOf(identity), ...(encoding ? { encoding } : {}) };
}

/** Readable where it can be: compared it becomes the same text again. */
function parsed(data: string): unknown {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null && JSON.stringify(value) === data ? value : data;
  } catch {
    return data;
  }
}
