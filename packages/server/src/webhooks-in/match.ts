/** Which connections an event is for: the first of its names that finds any counts. */
import type { Database } from '../base/world.ts';
import { connectionsNamed, everyConnection, type NamedConnection } from '../connections/named.ts';
import type { Integration } from '../integrations/integration.ts';
import { connectionsSubscribed } from '../subscriptions/hear.ts';
import type { RoutedEvent } from './routing/route.ts';

export type Matched = NamedConnection;

export async function connectionsOf(
  db: Database,
  integration: Pick<Integration, 'id' | 'environmentId'>,
  { everyone, connections }: Pick<RoutedEvent, 'everyone' | 'connections'>,
): Promise<Matched[]> {
  for (const naming of connections) {
    const found = await (naming.is === 'subscription' ? connectionsSubscribed : connectionsNamed)(db, integration, naming);
    if (found.length > 0) return found;
  }
  return everyone ? everyConnection(db, integration) : [];
}
