/** `bowline pull`: writes the source of a deployed function to its place. What would be lost is asked about first. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { TargetOptions } from '../deploy/target.ts';
import { exitCodes, Failure } from '../failure.ts';
import { type FunctionType, folders, placeOf, refuseYaml, type TypeFlags, typeOfFlags, writeFunction } from '../project/place.ts';
import { ask, openRemote } from '../remote/server.ts';
import { readTemplates } from '../template/catalogue.ts';
import { namedTemplates } from '../template/choose.ts';
import type { Terminal } from '../terminal.ts';
import { copyTemplates } from './clone.ts';

export type PullOptions = TargetOptions & TypeFlags & { force?: boolean; env?: string; catalog?: boolean; as?: string };
type Names = { integration: string; name: string };

export const pullCommand = async (root: string, { integration, name }: Names, options: PullOptions, terminal: Terminal): Promise<void> => {
  if (options.catalog) return pullTemplate(root, { integration, name }, options, terminal);
  refuseYaml(root, 'A pulled function would not be found.');
  const wanted = typeOfFlags(options);
  placeOf(integration, wanted ?? 'sync', name);
  const remote = openRemote(root, { ...options, environment: options.env ?? options.environment ?? 'dev' }, terminal);
  const input = { params: { uniqueKey: integration, name }, query: { type: wanted } };
  const { type, code } = await ask(
    remote,
    (api) => api.integrations.functionCode(input),
    ({ code: problem, message }) => {
      if (problem === 'ambiguous_function')
        return new Failure(exitCodes.usage, `${integration} has several functions ${name}. Say which one: --sync, --action or --on-event.`);
      return problem === 'not_found' ? new Failure(exitCodes.deploy, `${remote.target.host}: ${message}.`) : undefined;
    },
  );
  const file = placeOf(integration, asType(type), name);
  const state = stateOf(join(root, file), code);
  if (state === 'differs' && !options.force) await confirm(file, terminal);
  const written = state === 'same' ? [] : await writeFunction(root, file, code, true);
  terminal.print(state === 'same' ? `${file} is the same already.` : `Pulled ${type}: ${file}`);
  if (written.includes('index.ts')) terminal.print('Imported in index.ts');
  const missing = missingFiles(root, file, code);
  if (missing.length > 0)
    terminal.note(`The server keeps the function's own file only. It imports ${missing.join(', ')}, which the project does not have.`);
  terminal.result({ ok: true, type, integration, name, file, written, missing });
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

const stateOf = (path: string, code: string): 'new' | 'same' | 'differs' =>
  existsSync(path) ? (readFileSync(path, 'utf8') === code ? 'same' : 'differs') : 'new';

const confirm = async (file: string, { io, json }: Terminal): Promise<void> => {
  if (json || !io.ask) throw new Failure(exitCodes.usage, `${file} differs from what is deployed. Nothing was written; -f overwrites it.`);
  const answer = await io.ask(`${file} differs from what is deployed. Overwrite it? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure(exitCodes.usage, 'Nothing was written.');
};

const missingFiles = (root: string, file: string, code: string): string[] =>
  [...code.matchAll(/^\s*(?:import|export)\b[^'"]*['"](\.{1,2}\/[^'"]+)['"]/gm)]
    .map(([, specifier = '']) => specifier)
    .filter((specifier) => {
      const path = resolve(root, dirname(file), specifier).replace(/\.(?:js|ts)$/, '');
      return ![`${path}.ts`, `${path}/index.ts`, `${path}.json`, path].some((candidate) => existsSync(candidate));
    });
