/** What was written from templates, for people: functions one by one, what they need counted. */
import { counted, type Terminal } from '../terminal.ts';

/** @param named which of the files are shown by name */
export const printWritten = (written: readonly string[], named: readonly string[], { print, colours }: Terminal): void => {
  const line = (text: string): void => print(`  ${colours.green('+')} ${text}`);
  for (const file of named) if (written.includes(file)) line(file);
  const rest = written.filter((file) => !named.includes(file) && file !== 'index.ts');
  const recordings = rest.filter((file) => file.endsWith('.test.json')).length;
  const imported = rest.length - recordings;
  const counts = [imported > 0 && `${counted(imported, 'file')} that they import`, recordings > 0 && counted(recordings, 'recording')];
  const said = counts.filter((one) => one !== false).join(', ');
  if (said) line(said);
};
