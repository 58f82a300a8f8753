/** Sandboxes on this machine: the same program and the same walls as on the platform, but one process may run one function after the other. */
import { availableParallelism } from 'node:os';
import { createSandboxes, type Sandboxes } from '@bowline/sandbox/pool';
import pino from 'pino';
import { toolbox } from '../toolbox.ts';

export const lanes = availableParallelism();

/** @param count of processes at once */
export const openSandboxes = (count = lanes): Sandboxes =>
  createSandboxes({ log: pino({ level: 'silent' }), runnerPath: toolbox.runnerPath(), warm: count, runsMax: count, mixed: true });
