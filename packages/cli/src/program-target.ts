/** Flags that several commands share, and how their values are read. */
import { type Command, InvalidArgumentError } from 'commander';

/** Which server, and the key of which environment. */
export const withTarget = (command: Command): Command =>
  command
    .option('-e, --environment <name>', 'chooses the key: BOWLINE_SECRET_KEY_<ENVIRONMENT>', 'dev')
    .option('--host <url>', 'the server; else BOWLINE_HOST, else http://localhost:3003')
    .option('--secret-key <key>', "the environment's API key; better in BOWLINE_SECRET_KEY_<ENVIRONMENT> or .env");

export const withTypes = (command: Command): Command =>
  command.option('-s, --sync', 'a sync').option('-a, --action', 'an action').option('--on-event', 'an on-event function');

export const upTo =
  (max: number) =>
  (text: string): number => {
    const count = Number(text);
    if (/^\d+$/.test(text) && count >= 1 && count <= max) return count;
    throw new InvalidArgumentError(`Write a whole number from 1 to ${max}.`);
  };
