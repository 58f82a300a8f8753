/** `bowline generate`: the project's models, inputs and outputs for the app that uses them: types, JSON Schemas, an OpenAPI document. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { compileOnly } from '../compile/compile.ts';
import { openApiOf } from '../generate/openapi.ts';
import { projectText } from '../generate/project.ts';
import { findProject } from '../project/find.ts';
import type { Terminal } from '../terminal.ts';

export type GenerateOptions = { out?: string; host: string };

export const generateCommand = async (root: string, { out, host }: GenerateOptions, terminal: Terminal): Promise<void> => {
  const { compiled } = await compileOnly(findProject(root), terminal, { types: false });
  const definitions = Object.assign({}, ...compiled.map(({ schemas }) => schemas?.schema.definitions ?? {}));
  const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  const files = {
    'project.ts': projectText(compiled),
    'schemas.json': pretty({ $schema: 'http://json-schema.org/draft-07/schema#', definitions }),
    'openapi.json': pretty(openApiOf(compiled, host)),
  };
  const folder = out === undefined ? join(root, 'generated') : resolve(terminal.io.cwd, out);
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
    terminal.print(`  ${terminal.colours.green('~')} ${relative(root, join(folder, name))}`);
  }
  terminal.print("\nimport type { Project } from './project.ts';\nconst client = new Bowline<Project>({ secretKey });");
  terminal.result({ ok: true, path: folder, files: Object.keys(files) });
};
