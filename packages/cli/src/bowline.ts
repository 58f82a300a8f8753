#!/usr/bin/env node
/** The `bowline` command: hands the real terminal to the program and sets the exit code. Runs from source and bundled, see `toolbox.ts`. */
import { run } from './program.ts';
import { systemTerminal } from './terminal.ts';

process.exitCode = await run(process.argv.slice(2), systemTerminal());
