#!/usr/bin/env node
// What npm links as `bowline`. A file that is there before the build, because npm links only what exists when it installs.
import { existsSync } from 'node:fs';

const built = new URL('../dist/bowline.js', import.meta.url);
if (existsSync(built)) await import(built.href);
else {
  process.stderr.write('bowline is not built yet. In the repository run: npm run build\n');
  process.exitCode = 1;
}
