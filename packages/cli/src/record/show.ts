/** What became of a recording, on the terminal. */
import { counted, type Terminal } from '../terminal.ts';
import type { Saved } from './save.ts';

export function showSaved({ file, rewrote, bytes, redacted, warnings, differences }: Saved, { print, colours, report }: Terminal): void {
  const secrets = redacted === 0 ? '' : `, ${counted(redacted, 'secret')} replaced`;
  print(`\n${rewrote ? 'Rewrote' : 'Saved'} ${colours.bold(file)}  ${colours.dim(`${(bytes / 1000).toFixed(1)} kB${secrets}`)}`);
  if (differences.length === 0) print(`${colours.green('✓')} played again it does the same: \`bowline test\` will pass`);
  for (const { what, diff } of differences) {
    print(`${colours.red('✗')} played again, ${what} differs`);
    for (const line of diff.split('\n')) print(`    ${line}`);
  }
  report(warnings.map((message) => ({ severity: 'warning', file, message })));
}
