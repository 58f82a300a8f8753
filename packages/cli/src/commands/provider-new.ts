/** `bowline provider new`: drafts a provider's file from an OpenAPI document, or from a start for the way one connects. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import { CustomProviderName } from '@bowline/api/providers';
import { findHost } from '../deploy/target.ts';
import { exitCodes, Failure } from '../failure.ts';
import { draftFromDiscovery, isDiscovery } from '../openapi/discovery.ts';
import { openDocument, parseDocument } from '../openapi/document.ts';
import { type Draft, draftProvider } from '../openapi/draft.ts';
import { readSource } from '../openapi/source.ts';
import { writeDraft } from '../openapi/write.ts';
import { providersFolder } from '../provider/files.ts';
import { describeKinds, kindNames, startProvider } from '../provider/start.ts';
import { counted, type Terminal } from '../terminal.ts';

export type NewOptions = {
  name?: string;
  out?: string;
  force?: boolean;
  kind?: string;
  security?: string;
  baseUrl?: string;
  host?: string;
};

export const providerNewCommand = async (
  root: string,
  source: string | undefined,
  options: NewOptions,
  terminal: Terminal,
): Promise<void> => {
  const ofMcp = options.kind === 'mcp' && source !== undefined && URL.parse(source)?.protocol === 'https:';
  if (source !== undefined && options.kind !== undefined && !ofMcp)
    throw new Failure(
      exitCodes.usage,
      'Give either a document or --kind: a document says itself how one connects. With --kind mcp, the https address of the MCP server may stand there.',
    );
  const made = source === undefined || ofMcp ? fromKind(source, options, terminal) : fromDocument(source, options, terminal);
  const { draft, name, from } = await made;
  const schema = `${findHost({ host: options.host, root, env: terminal.io.env })}/schemas/provider.json`;
  const yaml = await writeDraft(draft, schema, [
    `Drafted by \`bowline provider new\` from ${from}. Lines with CHECK say what it could not know:`,
    `settle and remove them, then \`bowline provider check\` and \`bowline provider add ${providersFolder}/${name}.yaml\`.`,
  ]);
  const { understood, content, notes } = draft;
  if (options.out === '-' && !terminal.json) return terminal.io.write(yaml);
  const file =
    options.out === '-' ? undefined : await save(root, options.out ?? `${providersFolder}/${name}.yaml`, yaml, options.force === true);
  if (file !== undefined) report(draft, file, terminal);
  terminal.result({ ok: true, name, file: file ?? null, yaml, provider: content, understood, check: notes.checks });
};

type Made = { draft: Draft; name: string; from: string };

const fromDocument = async (source: string, { name, security, baseUrl }: NewOptions, terminal: Terminal): Promise<Made> => {
  const wanted = name === undefined ? undefined : checkName(name);
  if (baseUrl !== undefined && !/^https?:\/\/[^/]/.test(baseUrl))
    throw new Failure(exitCodes.usage, `The base URL "${baseUrl}" is not an http(s) URL.`);
  const { text, where } = await readSource(source, terminal.io.cwd);
  const parsed = await parseDocument(text, where);
  if (isDiscovery(parsed) && security !== undefined)
    throw new Failure(exitCodes.usage, '--security is for an OpenAPI document; this one describes an authorization server.');
  const draft = isDiscovery(parsed)
    ? draftFromDiscovery(parsed, { baseUrl })
    : draftProvider(await openDocument(parsed, where), { security, baseUrl });
  return { draft, name: wanted ?? checkName(slug(draft.displayName)), from: /^https?:/.test(where) ? where : basename(where) };
};

const fromKind = async (
  mcpServer: string | undefined,
  { kind, name, security, baseUrl }: NewOptions,
  { io, json, print }: Terminal,
): Promise<Made> => {
  if (security !== undefined || baseUrl !== undefined) throw new Failure(exitCodes.usage, '--security and --base-url are for a document.');
  const ask = json ? undefined : io.ask;
  if (kind === undefined) {
    if (!ask)
      throw new Failure(
        exitCodes.usage,
        `Name an OpenAPI document (a file or an address), or start from --kind ${kindNames.join('|')} with --name.`,
      );
    for (const line of describeKinds()) print(`  ${line}`);
  }
  const chosen = kind ?? (await ask?.('How does one connect? '))?.trim() ?? '';
  if (!kindNames.includes(chosen)) startProvider(chosen, '');
  if (name === undefined && !ask) throw new Failure(exitCodes.usage, 'Give the provider a name: --name acme-erp.');
  const called = checkName(name ?? (await ask?.('Name, such as acme-erp: '))?.trim() ?? '');
  return { draft: startProvider(chosen, called, mcpServer), name: called, from: `the start for ${chosen}` };
};

const checkName = (name: string): string => {
  if (CustomProviderName.safeParse(name).success) return name;
  throw new Failure(
    exitCodes.usage,
    `"${name}" cannot be a provider's name: lower-case letters, digits and -, at most 64, beginning with a letter or a digit. Give one with --name.`,
  );
};

const slug = (title: string): string =>
  title
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 64)
    .replace(/^-|-$/g, '');

const save = async (root: string, out: string, yaml: string, force: boolean): Promise<string> => {
  const file = resolve(root, out);
  if (existsSync(file) && !force)
    throw new Failure(
      exitCodes.usage,
      `${relative(root, file)} is there already. Overwrite it with --force, or choose another --name or --out.`,
    );
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, yaml);
  return relative(root, file);
};

const report = ({ understood, notes }: Draft, file: string, { colours, print }: Terminal): void => {
  print(`${colours.green('+')} ${file}\n`);
  for (const [about, what] of Object.entries(understood)) print(`  ${colours.dim(about.padEnd(12))} ${what}`);
  print(`\n${counted(notes.checks.length, 'line')} to check:`);
  for (const check of notes.checks) print(`  ${colours.yellow('•')} ${check}`);
  print(`\nNext:\n  bowline provider check ${file}\n  bowline provider add ${file}`);
};
