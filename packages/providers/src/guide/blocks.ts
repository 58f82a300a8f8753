/** What a guide is made of: plain blocks that a page, a document or a program can show in its own way. Texts hold code and links, nothing else. */

export type Span = string | { readonly code: string } | { readonly text: string; readonly href: string };
export type Line = readonly Span[];

/** One value that somebody sets: a developer on the integration, or a person who connects. */
export type GuideField = {
  readonly title: string;
  /** As the API names it. */
  readonly name: string;
  readonly about: Line;
  readonly example?: string;
  /** What a value must look like, in words. */
  readonly form?: string;
  readonly optional: boolean;
  readonly secret: boolean;
};

export type Block =
  | { readonly kind: 'paragraph'; readonly line: Line }
  /** Something that is easily overlooked or not certain. */
  | { readonly kind: 'note'; readonly line: Line }
  /** With a `summary` it is long, and folded behind these words where that is possible. */
  | { readonly kind: 'list'; readonly summary?: string; readonly items: readonly Line[] }
  /** A name and what is known of it in each row. */
  | { readonly kind: 'table'; readonly rows: readonly (readonly Line[])[] }
  | { readonly kind: 'fields'; readonly fields: readonly GuideField[] }
  | { readonly kind: 'code'; readonly language: 'bash' | 'http'; readonly code: string }
  /** To be copied as it is. */
  | { readonly kind: 'value'; readonly label: string; readonly value: string };

export type Section = { readonly id: string; readonly title: string; readonly blocks: readonly Block[] };

export const code = (text: string): Span => ({ code: text });
export const link = (text: string, href: string): Span => ({ text, href });

type Part = Span | Line | number | undefined;

/** A line from a template: texts as they are, spans and lines put in, nothing for undefined. */
export function say(texts: TemplateStringsArray, ...parts: readonly Part[]): Line {
  const spans: Span[] = [];
  const add = (part: Part) => {
    if (part === undefined || part === '') return;
    if (Array.isArray(part)) for (const each of part) add(each);
    else if (typeof part === 'number') add(String(part));
    else if (isSpan(part)) {
      const last = spans.at(-1);
      if (typeof part === 'string' && typeof last === 'string') spans[spans.length - 1] = last + part;
      else spans.push(part);
    }
  };
  for (const [index, text] of texts.entries()) {
    add(text);
    add(parts[index]);
  }
  return spans;
}

function isSpan(part: Exclude<Part, undefined | number>): part is Span {
  return !Array.isArray(part);
}

/** A sentence of the catalogue: what stands between backticks is code. */
export function prose(text: string): Line {
  return text.split('`').flatMap((part, index): Line => (part === '' ? [] : [index % 2 === 1 ? code(part) : part]));
}

export const paragraph = (line: Line): Block => ({ kind: 'paragraph', line });
export const note = (line: Line): Block => ({ kind: 'note', line });

/** `a`, `b` and `c`, each as code. */
export function codes(names: readonly string[], last: 'and' | 'or' = 'and'): Line {
  return names.flatMap((name, index) => [index === 0 ? '' : index === names.length - 1 ? ` ${last} ` : ', ', code(name)]).filter(Boolean);
}
