/** `bowline migrate`: turns a `nango.yaml` project into one in code, in place, and compiles what came out. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import { compileOnly } from '../compile/compile.ts';
import { exitCodes, Failure } from '../failure.ts';
import { findProject } from '../project/find.ts';
import { counted, type Terminal } from '../terminal.ts';
import { type Migrated, migrateFunction } from '../yaml/migrate.ts';
import { modelsFile, modelsText } from '../yaml/models-file.ts';
import { isYamlProject, yamlFile } from '../yaml/read.ts';

export const migrateCommand = async (root: string, terminal: Terminal): Promise<void> => {
  if (!isYamlProject(root)) throw new Failure(exitCodes.usage, `There is no ${yamlFile} in ${root}: nothing to migrate.`);
  const { yaml } = findProject(root);
  if (!yaml) return;
  const models = new Set(yaml.project.models.map(({ name }) => name));
  const problems: Diagnostic[] = [];
  const made: Migrated[] = [];
  const old = new Set<string>();
  for (const located of yaml.located) {
    const { file } = located.entry;
    try {
      made.push(migrateFunction(located, await readFile(join(root, file), 'utf8'), models));
      old.add(file);
    } catch (error) {
      problems.push({ severity: 'error', file, message: error instanceof Error ? error.message : String(error) });
    }
  }
  if (problems.length > 0) throw new Failure(exitCodes.compile, 'These files cannot be rewritten; nothing was changed.', problems);
  await writeProject(root, made, modelsText(yaml.project.models, { generated: false }));
  for (const file of old) if (!made.some((one) => one.file === file)) await rm(join(root, file));
  await rename(join(root, yamlFile), join(root, `${yamlFile}.old`));
  for (const { file } of made) terminal.print(`  ${terminal.colours.green('~')} ${file}`);
  terminal.print(`Rewrote ${counted(made.length, 'function')}; ${yamlFile} is kept as ${yamlFile}.old.`);
  const { warnings } = await compileOnly(findProject(root), terminal);
  terminal.print('It compiles. Compare with `bowline deploy --plan` before you deploy.');
  terminal.result({ ok: true, files: made.map(({ file }) => file), warnings });
};

async function writeProject(root: string, made: readonly Migrated[], models: string): Promise<void> {
  const index = made.map(({ file }) => `import './${file.replace(/\.ts$/, '.js')}';\n`).join('');
  const files: Migrated[] = [...made, { file: modelsFile, text: models }, { file: 'index.ts', text: index }];
  if (!existsSync(join(root, 'package.json'))) {
    files.push({ file: 'package.json', text: `${JSON.stringify({ name: 'integrations', private: true, type: 'module' }, null, 2)}\n` });
  }
  for (const { file, text } of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
}
