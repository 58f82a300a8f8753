/** `bowline doctor`: what a deploy needs, looked at one by one, each with what to do where it is wrong. Changes nothing, but for the models.ts that compiling a nango.yaml writes. */
import type { TargetOptions } from '../deploy/target.ts';
import { type Check, checkMachine, checkProject } from '../doctor/local.ts';
import { checkServer } from '../doctor/server.ts';
import { exitCodes, Failure } from '../failure.ts';
import { plain } from '../remote/table.ts';
import { counted, type Terminal } from '../terminal.ts';

export const doctorCommand = async (root: string, options: TargetOptions, terminal: Terminal): Promise<void> => {
  const checks: Check[] = [];
  const tell = (check: Check): void => {
    checks.push(check);
    show(check, terminal);
  };
  tell(checkMachine());
  const integrations = await checkProject(root, tell);
  await checkServer(root, options, { integrations, env: terminal.io.env, cwd: terminal.io.cwd, tell });
  const wrong = checks.filter(({ ok }) => !ok).length;
  if (wrong > 0) throw new Failure(exitCodes.other, `${counted(wrong, 'thing')} to put right.`, [], { checks });
  terminal.print('Everything is in order.');
  terminal.result({ ok: true, checks });
};

const show = ({ ok, name, found, advice }: Check, { print, colours }: Terminal): void => {
  print(`${ok ? colours.green('✓') : colours.red('✗')} ${name}  ${plain(found)}`);
  if (advice) print(`  ${colours.dim(plain(advice))}`);
};
