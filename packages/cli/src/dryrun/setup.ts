/** What a dry run is given, and what it does and finds while it runs: for the terminal, and for a recording of it. */
import type { RunSpec } from '@bowline/api/protocol';
import type { Done } from '../fixture/host.ts';
import type { Request } from '../fixture/identity.ts';
import type { Guard } from './guard.ts';
import type { Sent } from './send.ts';
import type { Server } from './server.ts';
import type { Values } from './values.ts';

export type Exchange = {
  request: Request;
  /** The host and the query included. */
  shown: string;
  ms: number;
  /** The bytes that went out. */
  bytes: number;
  sent: Sent | undefined;
  /** Why there is no answer. */
  lost: string | undefined;
};

export type Found = {
  exchanges: Exchange[];
  /** The connection as the function got it; its metadata are apart. */
  connection?: Record<string, unknown>;
  metadata?: unknown;
  token?: unknown;
  integration?: Record<string, unknown>;
  variables?: { name: string; value: string }[];
  /** Of the server's cache, by model and id. */
  records: Record<string, Map<string, unknown>>;
  /** Outputs of other actions, by `<integration>/<name>`. */
  actions: Record<string, unknown>;
  usesCheckpoint: boolean;
  /** What a recording cannot hold. */
  gaps: string[];
};

export const nothingFound = (): Found => ({ exchanges: [], records: {}, actions: {}, usesCheckpoint: false, gaps: [] });

/** Told while it happens. */
export type Tell = {
  exchange: (exchange: Exchange) => void;
  note: (message: string) => void;
};

export type Setup = {
  server: Server;
  own: { providerConfigKey: string; connectionId: string };
  kind: RunSpec['kind'];
  name: string;
  models: readonly string[];
  variant: string;
  values: Values;
  readOnly: boolean;
  guard: Guard;
  tell: Tell;
  /** Filled while the function runs. */
  found: Found;
  done: Done;
};
