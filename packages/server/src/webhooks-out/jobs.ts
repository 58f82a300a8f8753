import type { World } from '../base/world.ts';
import type { Listener } from '../events/dispatch.ts';
import type { EventType } from '../events/event.ts';
import type { Handler } from '../queue/task.ts';
export const deliverJob =
  (_world: World): Handler<'deliver'> =>
  async () => {};
export const fanOut =
  (_world: World): Listener<EventType> =>
  async () => {};
