/** What a function stores during a dry run: kept here in memory, seen by the function again where it may look, and gone afterwards. */
import type { JsonObject } from '@bowline/api/fields';
import type { Checkpoint } from '../runs/checkpoint.ts';
import type { HostCalls } from '../runs/host-calls.ts';
import { connectionCalls } from '../runs/host-connection.ts';
import { keepRecords } from './kept-records.ts';
import type { Notes } from './notes.ts';

/** `metadata`: seen instead of the connection's. */
export type Start = { metadata: JsonObject | undefined; checkpoint: Checkpoint | undefined };
export type Store = {
  /** These calls are answered here instead of being carried out. */
  readonly calls: Partial<HostCalls>;
  /** What a sync would have stored. */
  result(): JsonObject;
};

export function openStore({ operation }: Notes, start: Start): Store {
  const note = (message: string) => operation.log('info', message);
  const records = keepRecords(note);
  const checkpoint = keepCheckpoint(note, start.checkpoint);
  const metadata = keepMetadata(note, start.metadata);
  return {
    calls: { ...records.calls, ...checkpoint.calls, ...metadata.calls, ...keepLocks(), ...leaveSyncs(note) },
    result: () => {
      const given = metadata.current();
      return { models: records.result(), checkpoint: checkpoint.current(), ...(given === start.metadata ? {} : { metadata: given }) };
    },
  };
}

type Note = (message: string) => void;

function keepCheckpoint(note: Note, start: Checkpoint | undefined) {
  let current = start ?? null;
  const calls: Partial<HostCalls> = {
    'checkpoint.get': async () => ({ value: current }),
    'checkpoint.save': async (_context, { checkpoint }) => {
      current = checkpoint;
      note('The checkpoint would be saved');
      return {};
    },
    'checkpoint.clear': async () => {
      current = null;
      note('The checkpoint would be cleared');
      return {};
    },
  };
  return { calls, current: () => current };
}

function keepMetadata(note: Note, start: JsonObject | undefined) {
  let current = start;
  const calls: Partial<HostCalls> = {
    'connection.get': async (context, params, body) => {
      const answer = await connectionCalls['connection.get'](context, params, body);
      const { connection, integration } = context;
      const { connectionId = connection.connectionId, providerConfigKey = integration.uniqueKey } = params;
      const isOwn = connectionId === connection.connectionId && providerConfigKey === integration.uniqueKey;
      return isOwn && current ? { ...answer, value: { ...Object(answer.value), metadata: current } } : answer;
    },
    'metadata.set': async (_context, { metadata }) => {
      current = metadata;
      note('The metadata would be replaced');
      return { value: { success: true } };
    },
    'metadata.update': async ({ connection }, { metadata }) => {
      current = { ...(current ?? connection.metadata ?? {}), ...metadata };
      note('The metadata would be changed');
      return { value: { success: true } };
    },
  };
  return { calls, current: () => current };
}

/** Of this run alone: a try must not stand in the way of the real one. */
function keepLocks(): Partial<HostCalls> {
  const held = new Set<string>();
  return {
    'lock.acquire': async (_context, { key }) => {
      const isFree = !held.has(key);
      held.add(key);
      return { value: isFree };
    },
    'lock.release': async (_context, { key }) => ({ value: held.delete(key) }),
    'lock.releaseAll': async () => {
      held.clear();
      return {};
    },
  };
}

/** Syncs store what they find, so none is set going. An action only does at its provider what this function may do itself. */
function leaveSyncs(note: Note): Partial<HostCalls> {
  return {
    'sync.trigger': async (_context, { name }) => {
      note(`The sync ${name} would be triggered`);
      return { value: { success: true } };
    },
    'sync.start': async (_context, { syncs }) => {
      note(`The syncs ${syncs.map(({ name }) => name).join(', ')} would be started`);
      return { value: { success: true } };
    },
  };
}
