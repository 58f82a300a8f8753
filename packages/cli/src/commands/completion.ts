/** `bowline completion`: a script that completes commands, flags and the values of flags. Made of the program itself, so it cannot fall behind. */
import type { Entry } from '@bowline/compile/entry';
import type { Command } from 'commander';
import { findProject } from '../project/find.ts';
import { labelOf, readTemplates } from '../template/catalogue.ts';
import type { Terminal } from '../terminal.ts';

/** A command by its words; a value stands after a flag that has choices. */
type Node = {
  readonly path: string;
  readonly words: readonly string[];
  readonly values: readonly (readonly [string, readonly string[]])[];
};

export const completionCommand = (program: Command, shell: Shell, terminal: Terminal): void => {
  const script = scripts[shell](nodesOf(program, program, ''));
  terminal.print(script.trimEnd());
  terminal.result({ ok: true, shell, script });
};

const nodesOf = (program: Command, command: Command, path: string): Node[] => {
  const help = command.createHelp();
  const children = help.visibleCommands(command).filter((one) => one.name() !== 'help');
  const own = help.visibleOptions(command);
  const options = command === program ? own : [...own, ...help.visibleOptions(program).filter(({ long }) => long !== '--version')];
  const flags = options.flatMap(({ long }) => long ?? []);
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const values = options.flatMap(({ long, short, argChoices }) =>
    argChoices ? [long, short].flatMap((flag) => (flag ? [[flag, argChoices] as const] : [])) : [],
  );
  const names = children.flatMap((one) => [one.name(), ...one.aliases()]);
  const below = children.flatMap((one) => [one.name(), ...one.aliases()].flatMap((name) => nodesOf(program, one, `${path} ${name}`)));
  return [{ path, words: [...new Set([...names, ...choices, ...flags])], values }, ...below];
};

/** Commands that take names of the project or of the templates, as the walk below knows them. */
const functionCommands = ['dryrun', 'test'];
const integrationCommands = ['create', 'pull', 'status', 'records', 'trigger'];
const named = [...functionCommands, ...integrationCommands, 'clone'].map((name) => `' ${name}'`);

/** What a shell asks while somebody types: names in the project's files, without the network. Says nothing rather than fail. */
export const wordsCommand = (root: string, command: string, { io }: Terminal): void => {
  for (const word of wordsOf(root, command)) io.write(`${word}\n`);
};

const wordsOf = (root: string, command: string): string[] => {
  try {
    if (command === 'clone')
      return readTemplates()
        .functions.flatMap((one) => [one.provider, labelOf(one)])
        .filter(isFirst);
    const { entries } = findProject(root, true);
    if (functionCommands.includes(command)) return entries.map(labelOfEntry);
    return integrationCommands.includes(command) ? entries.map(({ integration }) => integration).filter(isFirst) : [];
  } catch {
    return [];
  }
};

const labelOfEntry = ({ integration, name }: Entry): string => `${integration}/${name}`;
const isFirst = (word: string, index: number, all: readonly string[]): boolean => all.indexOf(word) === index;

/** Words of the line are walked as far as they name commands; flags between them are skipped. The same walk in all shells. */
const bash = (nodes: readonly Node[]): string => `# bash completion of bowline: source <(bowline completion bash)
_bowline() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path= words= word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
${walk(nodes)}
  done
${choose(nodes, '$previous', (words) => `words='${words.join(' ')}'`)}
  case "$path" in
    ${named.join(' | ')}) [[ "$current" == -* ]] || words="$words $(bowline words "\${path# }" 2>/dev/null | tr '\\n' ' ')" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _bowline bowline
`;

const zsh = (nodes: readonly Node[]): string => `#compdef bowline
# zsh completion of bowline: source <(bowline completion zsh)
_bowline() {
  local previous=\${words[CURRENT-1]} path_= word
  local -a offered
  for word in "\${words[@]:1:$((CURRENT-2))}"; do
${walk(nodes).replaceAll('$path', '$path_').replaceAll('path=', 'path_=')}
  done
${choose(nodes, '$previous', (words) => `offered=(${words.join(' ')})`).replaceAll('$path', '$path_')}
  case "$path_" in
    ${named.join(' | ')}) offered+=(\${(f)"$(bowline words "\${path_# }" 2>/dev/null)"}) ;;
  esac
  compadd -- $offered || _files
}
compdef _bowline bowline
`;

const walk = (nodes: readonly Node[]): string =>
  `    case "$path $word" in
      ${nodes.flatMap(({ path }) => (path ? [`'${path}'`] : [])).join(' | ')}) path="$path $word" ;;
    esac`;

const choose = (nodes: readonly Node[], previous: string, set: (words: readonly string[]) => string): string => {
  const valued = nodes.flatMap(({ path, values }) => values.map(([flag, words]) => `    '${path} ${flag}') ${set(words)} ;;`));
  return `  case "$path ${previous}" in
${valued.join('\n')}
    *)
      case "$path" in
${nodes.map(({ path, words }) => `        '${path}') ${set(words)} ;;`).join('\n')}
      esac
      ;;
  esac`;
};

const fish = (nodes: readonly Node[]): string => `# fish completion of bowline: bowline completion fish | source
function __bowline_path
  set -l path ''
  for word in (commandline -opc)[2..-1]
    contains -- "$path $word" ${nodes.flatMap(({ path }) => (path ? [`'${path}'`] : [])).join(' ')}; and set path "$path $word"
  end
  echo "$path"
end
${nodes.map(({ path, words }) => `complete -c bowline -n 'test (__bowline_path) = "${path}"' -a '${words.join(' ')}'`).join('\n')}
${named.map((path) => `complete -c bowline -n "test (__bowline_path) = ${path}" -a '(bowline words ${path.replaceAll("'", '').trim()} 2>/dev/null)'`).join('\n')}
`;

const scripts = { bash, zsh, fish } as const;
export type Shell = keyof typeof scripts;
export const shells = Object.keys(scripts);
export const isShell = (name: string): name is Shell => name in scripts;
