/** What higher floors do when a connection is made or ends: tied together in main.ts, since news alone would come too late for an answer. */
import type { World } from '../base/world.ts';
import type { Access } from '../credentials/access.ts';
import type { Scope } from '../http/scope.ts';
import type { Target } from './target.ts';

/** A connection as it would be stored, of which nothing is stored yet. */
export type Candidate = Target & { readonly access: Access };
export type Verdict =
  /** `metadata`: as the functions left it. */
  { readonly ok: true; readonly metadata: Access['metadata'] } | { readonly ok: false; readonly message: string };

export type ConnectionHooks = {
  /** Asks the integration's `validate-connection` functions. */
  validate(scope: Scope, candidate: () => Promise<Candidate>, integrationId: number): Promise<Verdict>;
  /** Tells the provider to send no more webhooks. Never throws for what it does. */
  unsubscribe(scope: Scope, target: Target): Promise<void>;
  /** Runs the integration's `pre-connection-deletion` functions. Never throws for what they do. */
  beforeDelete(scope: Scope, target: Target): Promise<void>;
};
export type HookedWorld = World & { readonly hooks: ConnectionHooks };
