/** A connection with the integration it goes through, and what of the World using it takes. */
import type { World } from '../base/world.ts';
import type { Integration } from '../integrations/integration.ts';
import type { Connection } from './connection.ts';

export type Target = { connection: Connection; integration: Integration };
export type AccessWorld = Pick<World, 'db' | 'bus' | 'keyring' | 'builtIns' | 'clock' | 'random' | 'outbound' | 'journal' | 'log'>;
