/** What the start scripts need of the demo: it is bundled from here. */
export { freePorts } from './place.ts';
export { endBlock, stepLine } from './print.ts';
export { removeHome, run } from './run.ts';
