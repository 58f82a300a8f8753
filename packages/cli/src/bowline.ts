#!/usr/bin/env node
/** The `bowline` command: hands the real terminal to the program and sets the exit code. Runs from source and bundled, see `toolbox.ts`. */
import { run } from './program.ts';
import { useProxy } from './proxy.ts';
import { systemTerminal } from './system-terminal.ts';

// `bowline records --all | head`: who reads has had enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
await useProxy(process.env);
process.exitCode = await run(process.argv.slice(2), systemTerminal());
