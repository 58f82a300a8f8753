/** What a deploy would change, as the server answers it, and how it is shown. Anything it deletes needs a person's word or a flag. */
import { z } from 'zod';
import { counted, type Terminal } from '../terminal.ts';

const functions = z
  .array(z.looseObject({ name: z.string(), providerConfigKey: z.string(), connections: z.number().nullish() }))
  .default([]);

export const planSchema = z.looseObject({
  newSyncs: functions,
  updatedSyncs: functions,
  deletedSyncs: functions,
  newActions: functions,
  updatedActions: functions,
  deletedActions: functions,
  newOnEventScripts: functions,
  updatedOnEventScripts: functions,
  deletedOnEventScripts: functions,
  deletedModels: z.array(z.string()).default([]),
  unchanged: functions,
});
export type Plan = z.infer<typeof planSchema>;

export const printPlan = (plan: Plan, terminal: Terminal): void => {
  const { colours, print } = terminal;
  const list = (kind: string, created: Plan['newSyncs'], updated: Plan['newSyncs'], deleted: Plan['newSyncs']): void => {
    const line = (mark: string, { name, providerConfigKey, connections }: Plan['newSyncs'][number]): string =>
      `  ${mark} ${kind.padEnd(8)} ${providerConfigKey} → ${name}${connections ? colours.dim(`  ${connections} ${connections === 1 ? 'connection' : 'connections'}`) : ''}`;
    for (const item of created) print(line(colours.green('+ new   '), item));
    for (const item of updated) print(line(colours.cyan('~ update'), item));
    for (const item of deleted) print(line(colours.red('- delete'), item));
  };
  list('sync', plan.newSyncs, plan.updatedSyncs, plan.deletedSyncs);
  list('action', plan.newActions, plan.updatedActions, plan.deletedActions);
  list('on-event', plan.newOnEventScripts, plan.updatedOnEventScripts, plan.deletedOnEventScripts);
  if (plan.unchanged.length > 0) print(colours.dim(`  = ${counted(plan.unchanged.length, 'function')} unchanged`));
  for (const model of plan.deletedModels)
    print(`  ${colours.red('- delete')} ${'model'.padEnd(8)} ${model}  ${colours.dim('with its records')}`);
};

export const deletions = (plan: Plan): string[] => [
  ...[...plan.deletedSyncs, ...plan.deletedActions, ...plan.deletedOnEventScripts].map(
    ({ providerConfigKey, name }) => `${providerConfigKey}/${name}`,
  ),
  ...plan.deletedModels.map((model) => `model ${model}`),
];
