/** `bowline pull`: writes the source of a deployed function to its place. What would be lost is asked about first. */
import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { SourcePath } from '@bowline/api/deploy';
import type { TargetOptions } from '../deploy/target.ts';
import { exitCodes, Failure } from '../failure.ts';
import { type FunctionType, folders, placeOf, refuseYaml, type TypeFlags, typeOfFlags } from '../project/place.ts';
import { type NewFile, planFiles, writeFiles } from '../project/write.ts';
import { ask, openRemote, type Remote } from '../remote/server.ts';
import { plain } from '../remote/table.ts';
import { chooseVersion, type NamedFunction, severalTypes, versionsOf } from '../remote/versions.ts';
import { readTemplates } from '../template/catalogue.ts';
import { namedTemplates } from '../template/choose.ts';
import type { Terminal } from '../terminal.ts';
import { copyTemplates } from './clone.ts';

export type PullOptions = TargetOptions & TypeFlags & { force?: boolean; version?: string; env?: string; catalog?: boolean; as?: string };
type Names = { integration: string; name: string };

export const pullCommand = async (root: string, { integration, name }: Names, options: PullOptions, terminal: Terminal): Promise<void> => {
  if (options.catalog) return pullTemplate(root, { integration, name }, options, terminal);
  refuseYaml(root, 'A pulled function would not be found.');
  const wanted = typeOfFlags(options);
  placeOf(integration, wanted ?? 'sync', name);
  const remote = openRemote(root, { ...options, environment: options.env ?? options.environment ?? 'dev' }, terminal);
  const version = await versionOf(remote, { integration, name, type: wanted }, options.version);
  const input = { params: { uniqueKey: integration, name }, query: { type: wanted, ...(version === undefined ? {} : { version }) } };
  const { type, code, files } = await ask(
    remote,
    (api) => api.integrations.functionCode(input),
    (error) => {
      if (error.code === 'not_found') return new Failure(exitCodes.deploy, `${remote.target.host}: ${error.message}.`);
      return severalTypes({ integration, name })(error);
    },
  );
  const file = placeOf(integration, asType(type), name);
  const planned = planFiles(root, [{ file, text: code, entry: true }, ...helpersIn(root, files ?? {})]);
  const differing = planned.filter(({ state }) => state === 'differs');
  if (differing.length > 0 && !options.force)
    await confirm(
      differing.map((one) => one.file),
      terminal,
    );
  const written = await writeFiles(root, planned, { overwrite: true });
  terminal.print(written.includes(file) ? `Pulled ${type}: ${file}` : `${file} is the same already.`);
  for (const helper of written.filter((one) => one !== file && one !== 'index.ts')) terminal.print(`  with ${helper}`);
  if (written.includes('index.ts')) terminal.print('Imported in index.ts');
  const missing = missingFiles(root, file, code);
  if (missing.length > 0)
    terminal.note(
      `It was deployed without the files it imports, so these are not there: ${missing.join(', ')}. A deploy by this command sends them along.`,
    );
  terminal.result({ ok: true, type, integration, name, ...(version === undefined ? {} : { version }), file, written, missing });
};

const versionOf = async (remote: Remote, fn: NamedFunction, wanted: string | undefined): Promise<number | undefined> =>
  wanted === undefined
    ? undefined
    : chooseVersion(await versionsOf(remote, fn), wanted, `bowline versions ${fn.integration} ${fn.name}`).number;

/** What a server says is not to be trusted with where to write. @throws Failure for a file that would lie outside of the project */
const helpersIn = (root: string, files: Readonly<Record<string, string>>): NewFile[] =>
  Object.entries(files).map(([path, text]) => {
    if (!SourcePath.safeParse(path).success || !isInside(root, path))
      throw new Failure(
        exitCodes.deploy,
        `The server has a file of the function at ${plain(path)}, which is not in the project. Nothing was written.`,
      );
    return { file: path, text, entry: false };
  });

/** Links are followed: a folder of the project may lie elsewhere. One that leads nowhere yet would be written through. */
const isInside = (root: string, path: string): boolean => {
  const real = realpathSync(root);
  let there = join(real, path);
  while (lstatSync(there, { throwIfNoEntry: false }) === undefined) there = dirname(there);
  if (!existsSync(there)) return false;
  const lies = relative(real, realpathSync(there));
  return lies !== '..' && !lies.startsWith(`..${sep}`) && !isAbsolute(lies);
};

/** From the templates that the command brings: as `clone`, of one function. */
const pullTemplate = async (root: string, { integration, name }: Names, options: PullOptions, terminal: Terminal): Promise<void> => {
  const type = typeOfFlags(options);
  const chosen = namedTemplates(readTemplates().functions, [`${integration}/${name}`]);
  const fitting = chosen.filter((one) => type === undefined || one.type === type);
  if (fitting.length === 0) throw new Failure(exitCodes.usage, `The template ${integration}/${name} is ${article(chosen[0]?.type ?? '')}.`);
  await copyTemplates(root, fitting, options, terminal);
};

const article = (noun: string): string => `${/^[aeio]/.test(noun) ? 'an' : 'a'} ${noun}`;

const asType = (type: string): FunctionType => {
  if (isType(type)) return type;
  throw new Failure(
    exitCodes.deploy,
    `The server calls the function a ${type}, which this command does not know. Is it of the same version?`,
  );
};
const isType = (type: string): type is FunctionType => type in folders;

const confirm = async (differing: readonly string[], { io, json }: Terminal): Promise<void> => {
  const [verb, it] = differing.length === 1 ? ['differs', 'it'] : ['differ', 'them'];
  const what = `${differing.join(', ')} ${verb} from what is deployed.`;
  if (json || !io.ask) throw new Failure(exitCodes.usage, `${what} Nothing was written; -f overwrites ${it}.`);
  const answer = await io.ask(`${what} Overwrite ${it}? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure(exitCodes.usage, 'Nothing was written.');
};

const missingFiles = (root: string, file: string, code: string): string[] =>
  [...code.matchAll(/^\s*(?:import|export)\b[^'"]*['"](\.{1,2}\/[^'"]+)['"]/gm)]
    .map(([, specifier = '']) => specifier)
    .filter((specifier) => {
      const path = resolve(root, dirname(file), specifier).replace(/\.(?:js|ts)$/, '');
      return ![`${path}.ts`, `${path}/index.ts`, `${path}.json`, path].some((candidate) => existsSync(candidate));
    });
