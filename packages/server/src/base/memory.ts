/** What the machine has, or a container's limit, where there is one: it is huge or 0 where there is none. */
import { totalmem } from 'node:os';

export function memoryOfMachine(): number {
  return Math.min(totalmem(), process.constrainedMemory() || totalmem());
}
