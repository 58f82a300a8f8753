/** What the start scripts need of the demo: it is bundled from here. */
export { startBeside } from './beside.ts';
export { freePorts, hasDemo } from './place.ts';
export { play } from './play.ts';
export { endBlock, stepLine } from './print.ts';
export { INTEGRATION } from './stage.ts';
