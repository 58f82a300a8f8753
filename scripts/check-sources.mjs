/** Budgets and manners that no linter holds: size, `any`, casts, suppressions, names, opening comments, stray environment and network access. */
import { basename } from 'node:path';
import { visitNodes } from './sources.mjs';

export const budgets = { fileLines: 300, castsPerThousand: 5, suppressionsPerThousand: 0.5 };

const SRC = 'packages/server/src/';
const VAGUE = /\/(utils?|helpers?|services?|common|shared|lib|core|misc|types|constants)(\/|\.tsx?$)/;
/** The authors' `get<T = any>` is the wire's own type; everything else refers to this one alias. */
const ANYS_ALLOWED = { 'packages/functions/src/proxy.ts': 1 };
const SUPPRESSION = /@ts-(ignore|expect-error|nocheck)|biome-ignore/;

/** @returns {string[]} one line for each violation */
export function checkSources(sources, { environmentReaders }) {
  const files = sources.map((source) => ({ ...source, ...measure(source) }));
  const total = (key) => files.reduce((sum, file) => sum + file[key], 0);
  const thousands = total('lines') / 1000;
  const wrong = files.flatMap((file) => judge(file, environmentReaders));
  // In a small tree one cast is already a high rate, so each budget starts with a handful.
  if (total('casts') > Math.max(5, budgets.castsPerThousand * thousands)) {
    wrong.push(
      `${total('casts')} casts in ${total('lines')} lines, ${budgets.castsPerThousand} in 1,000 are allowed; most in ${most(files, 'casts')}`,
    );
  }
  if (total('suppressions') > Math.max(2, budgets.suppressionsPerThousand * thousands)) {
    wrong.push(
      `${total('suppressions')} suppressed diagnostics, ${budgets.suppressionsPerThousand} in 1,000 lines are allowed; most in ${most(files, 'suppressions')}`,
    );
  }
  return wrong;
}

function judge({ path, text, lines, anys, environment, fetches }, environmentReaders) {
  const inServer = path.startsWith(SRC) ? path.slice(SRC.length) : undefined;
  const problems = [
    lines > budgets.fileLines && `${lines} code lines, ${budgets.fileLines} are allowed`,
    anys > (ANYS_ALLOWED[path] ?? 0) && `${anys} any`,
    VAGUE.test(path) && 'a name that says nothing; name it after what it is or does',
    !/^[a-z0-9]+(-[a-z0-9]+)*(\.(d|config))?\.tsx?$/.test(basename(path)) && 'file names are kebab-case',
    path.startsWith('packages/') &&
      !/^(#!.*\n)?\s*\/[*/]/.test(text) &&
      'does not open with a comment: what it is, what it keeps true, what surprises',
    inServer && environment && !environmentReaders.test(inServer) && 'reads process.env; configuration comes with world.config',
    inServer && fetches && 'calls fetch; requests go through world.outbound',
  ];
  return problems.filter(Boolean).map((problem) => `${path}: ${problem}`);
}

function measure({ text, program, comments }) {
  let code = text;
  for (const { start, end } of comments) code = code.slice(0, start) + code.slice(start, end).replace(/[^\n]/g, ' ') + code.slice(end);
  const lines = code.split('\n').filter((line) => line.trim() !== '').length;
  const counts = { lines, casts: 0, anys: 0, environment: false, fetches: false };
  visitNodes(program, (node) => {
    if (node.type === 'TSAnyKeyword') counts.anys += 1;
    if (node.type === 'TSAsExpression' && node.typeAnnotation.typeName?.name !== 'const') counts.casts += 1;
    if (node.type === 'TSNonNullExpression') counts.casts += 1;
    if (node.type === 'MemberExpression' && node.object.name === 'process' && node.property.name === 'env') counts.environment = true;
    if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'fetch') counts.fetches = true;
  });
  return { ...counts, suppressions: comments.filter(({ value }) => SUPPRESSION.test(value)).length };
}

function most(files, key) {
  const worst = files.filter((file) => file[key] > 0).sort((a, b) => b[key] - a[key]);
  return worst
    .slice(0, 5)
    .map((file) => `${file.path} (${file[key]})`)
    .join(', ');
}
