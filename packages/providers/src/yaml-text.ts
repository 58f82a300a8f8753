/**
 * YAML that anybody may send: read without executing, repeating or nesting anything beyond measure, and with the place of each key, so that
 * what is wrong can be shown where it was written. Parsers of YAML run out of stack or time on texts made for it, and V8 ends the process when
 * it runs out of memory, so a text is measured before it is parsed.
 */
import { CST, type Document, isMap, isNode, Lexer, LineCounter, type Node, parseDocument, visit } from 'yaml';

export type Place = { readonly line?: number; readonly column?: number };
/** One thing that is wrong; `path` leads to it, and is empty where the text itself cannot be read. */
export type Finding = { readonly path: readonly string[]; readonly message: string } & Place;
export type YamlText = {
  readonly content: Readonly<Record<string, unknown>>;
  /** Where a key is written, or the nearest one above it that is. */
  readonly placeOf: (path: readonly string[]) => Place;
};

/** Deeper than any definition: the deepest of the catalogue has 7 levels. */
const DEPTH_MAX = 32;
/** Indented further, a line says nothing that people read. */
const INDENT_MAX = 200;
/** The largest of the catalogue has 1,500; a map of 10,000 keys takes the parser a second. */
const TOKENS_MAX = 15_000;
const FINDINGS_MAX = 20;
/** The lexer adds them by itself; they are no part of the text. */
const marks = new Set<string>([CST.BOM, CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

/** @returns what it says, or why it cannot be read */
export function readYaml(text: string): YamlText | { readonly findings: readonly Finding[] } {
  const lines = new LineCounter();
  const refusal = measure(text, lines);
  if (refusal) return { findings: [refusal] };
  const at = (offset: number | undefined): Place => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { line, column: col };
  };
  // Without prettyErrors: they quote the text, and a long line of it takes more memory than there is.
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  const broken = [...document.errors, ...document.warnings].map(
    ({ message, pos }): Finding => ({ path: [], message: `is not valid YAML: ${message}`, ...at(pos[0]) }),
  );
  if (broken.length > 0) return { findings: broken.slice(0, FINDINGS_MAX) };
  const odd = oddities(document, at);
  if (odd.length > 0) return { findings: odd.slice(0, FINDINGS_MAX) };
  const content: unknown = document.toJS({ maxAliasCount: 0 });
  if (!isRecord(content))
    return { findings: [{ path: [], message: 'must be a map of keys, such as display_name: Acme', line: 1, column: 1 }] };
  return { content, placeOf: (path) => placeIn(document, path, at) };
}

/** Counts lines on the way. */
function measure(text: string, lines: LineCounter): Finding | undefined {
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  let [tokens, flows, nested, offset] = [0, 0, 0, 0];
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (token === '\n') nested = 0;
    else if (token === '[' || token === '{') flows += 1;
    else if (token === ']' || token === '}') flows -= 1;
    // Several on one line open a level each, but between brackets, where they belong to one.
    else if (flows === 0 && (token === '-' || token === '?' || token === ':')) nested += 1;
    const isIndent = token.length > INDENT_MAX && /^ +$/.test(token);
    const message =
      tokens > TOKENS_MAX
        ? `has more than ${TOKENS_MAX} words and marks; a provider takes some hundred`
        : flows + nested > DEPTH_MAX
          ? `is nested more than ${DEPTH_MAX} levels deep`
          : isIndent
            ? `is indented by more than ${INDENT_MAX} spaces`
            : undefined;
    if (message) {
      const { line, col } = lines.linePos(Math.min(offset, text.length));
      return { path: [], message, line, column: col };
    }
    if (!marks.has(token)) offset += token.length;
  }
  return undefined;
}

/** What YAML knows and a definition does not. */
function oddities(document: Document.Parsed, at: (offset: number | undefined) => Place): Finding[] {
  const found: Finding[] = [];
  const tell = (node: Node | null, message: string) => found.push({ path: [], message, ...at(node?.range?.[0]) });
  visit(document, {
    Alias: (_key, node) => void tell(node, 'refers to another part of the text; write out what it stands for'),
    Pair: (_key, { key }) => {
      const name: unknown = isNode(key) ? key.toJS(document) : key;
      if (typeof name === 'object' && name !== null) tell(isNode(key) ? key : null, 'a key must be a plain text');
      else if (name === '__proto__') tell(isNode(key) ? key : null, 'no key may have this name');
    },
  });
  return found;
}

function placeIn(document: Document.Parsed, path: readonly string[], at: (offset: number | undefined) => Place): Place {
  let node: unknown = document.contents;
  let place: Place = {};
  for (const [index, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(key) === step);
      if (!pair) break;
      if (isNode(pair.key)) place = at(pair.key.range?.[0]);
      node = pair.value;
      continue;
    }
    const inner: unknown = document.getIn(path.slice(0, index + 1), true);
    if (!isNode(inner)) break;
    place = at(inner.range?.[0]);
    node = inner;
  }
  return place;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
