/** A draft as the text of its file: keys in order, comments above what they are about, the modeline that lets editors complete and check it. */
import type { Pair, YAMLMap } from 'yaml';
import type { Draft } from './draft.ts';

/** @param head comment lines below the modeline */
export const writeDraft = async (
  { content, notes }: Pick<Draft, 'content' | 'notes'>,
  schemaUrl: string,
  head: readonly string[],
): Promise<string> => {
  // Loaded by those who write: it would cost every start of the command.
  const { Document, isMap, isScalar } = await import('yaml');
  /** The longest path that is there: what is said of a key that was left out stands above its parent. Keys may hold dots. */
  const find = (map: YAMLMap, path: readonly string[]): Pair | undefined => {
    for (let taken = path.length; taken > 0; taken--) {
      const name = path.slice(0, taken).join('.');
      const pair = map.items.find(({ key }) => isScalar(key) && key.value === name);
      if (!pair) continue;
      if (taken === path.length || !isMap(pair.value)) return pair;
      return find(pair.value, path.slice(taken)) ?? pair;
    }
    return undefined;
  };
  const document = new Document(content, { aliasDuplicateObjects: false });
  const stray: string[] = [];
  for (const [path, lines] of notes.comments) {
    const pair = isMap(document.contents) ? find(document.contents, path.split('.')) : undefined;
    const key = pair?.key;
    if (isScalar(key)) key.commentBefore = lines.map((line) => ` ${line}`).join('\n');
    else stray.push(...lines.map((line) => (path === '' ? line : `${path}: ${line}`)));
  }
  const first = [`# yaml-language-server: $schema=${schemaUrl}`, ...[...head, ...stray].map((line) => `# ${line}`.trimEnd())];
  return `${first.join('\n')}\n\n${document.toString({ lineWidth: 0, flowCollectionPadding: false })}`;
};
