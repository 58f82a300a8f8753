/** `bowline deploy`: compiles, shows what would change, asks before anything is deleted, deploys. */
import { compile } from '../compile/compile.ts';
import { deployBody } from '../deploy/body.ts';
import { deploy, previewDeploy } from '../deploy/client.ts';
import { deletions, type Plan, printPlan } from '../deploy/plan.ts';
import { type Selection, select } from '../deploy/select.ts';
import { findTarget } from '../deploy/target.ts';
import { exitCodes, Failure } from '../failure.ts';
import { findProject } from '../project/find.ts';
import { counted, type Terminal } from '../terminal.ts';
import { toolbox } from '../toolbox.ts';

export type DeployOptions = Selection & { host?: string; secretKey?: string; allowDestructive?: boolean; plan?: boolean };

export const deployCommand = async (root: string, environment: string, options: DeployOptions, terminal: Terminal): Promise<void> => {
  const { host, secretKey, allowDestructive = false } = options;
  const target = findTarget({ environment, host, secretKey, root, env: terminal.io.env });
  const project = findProject(root);
  const { compiled, warnings } = await compile(project, terminal);
  const { mode, chosen } = select(compiled, options);
  const body = deployBody(chosen, mode, toolbox.version);
  const plan = await terminal.step('Plan', () => previewDeploy(target, body));
  terminal.print(`\nPlan for ${target.host}, with the key from ${target.keySource}:`);
  printPlan(plan, terminal);
  if (options.plan) return terminal.result({ ok: true, environment, host: target.host, plan, warnings });
  await confirmDeletions(plan, allowDestructive, terminal);
  terminal.print();
  const deployed = await terminal.step('Deploy', () => deploy(target, body));
  for (const { name, version, providerConfigKey } of deployed)
    terminal.print(`  ${providerConfigKey} → ${name}${version ? ` v${version}` : ''}`);
  terminal.print(`Deployed ${counted(deployed.length, 'function')} to ${environment}`);
  terminal.result({ ok: true, environment, host: target.host, plan, deployed, warnings });
};

/** `--auto-confirm` alone is not enough: it is in every CI recipe, and a wrong branch would delete customers' records. */
const confirmDeletions = async (plan: Plan, allowed: boolean, { io, json, print }: Terminal): Promise<void> => {
  const lost = deletions(plan);
  if (lost.length === 0 || allowed) return;
  const what = `This deletes ${lost.join(', ')}, with schedules and records.`;
  if (json || !io.ask) throw new Failure(exitCodes.deploy, `${what} Nothing was deployed. Pass --allow-destructive if that is meant.`);
  print(`\n${what}`);
  const answer = await io.ask('Deploy and delete? [y/N] ');
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure(exitCodes.deploy, 'Nothing was deployed.');
};
