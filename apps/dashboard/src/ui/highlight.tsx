/** Colours JSON, TypeScript and shell with one regular expression: enough to read by, at no weight. */
import type { ReactNode } from 'react';

const token =
  /(\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<=^|\n)#[^\n]*)|("(?:\\.|[^"\\\n])*"(?=\s*:))|("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\b(const|let|await|async|import|from|export|default|return|new|if|else|for|of|in|while|function|type|throw|try|catch|true|false|null|undefined|curl)\b|(?<![\w-])(-?\d+(?:\.\d+)?)(?![\w-])/g;
const classes = ['tok-comment', 'tok-key', 'tok-string', 'tok-word', 'tok-number'];
/** Longer text is shown plain: colouring 2 MB would block the page for seconds. */
const CHARACTERS_MAX = 200_000;

export function highlight(code: string): ReactNode {
  if (code.length > CHARACTERS_MAX) return code;
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of code.matchAll(token)) {
    if (match.index > end) parts.push(code.slice(end, match.index));
    const kind = match.slice(1).findIndex((group) => group !== undefined);
    parts.push(
      <span key={match.index} className={classes[kind]}>
        {match[0]}
      </span>,
    );
    end = match.index + match[0].length;
  }
  parts.push(code.slice(end));
  return parts;
}
