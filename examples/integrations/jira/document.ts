/**
 * Jira keeps descriptions and comments as a tree, the Atlassian Document Format. Apps mostly want text: one way keeps the words and the
 * paragraphs, the other makes a paragraph of each block of lines. https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
 */
import { z } from 'zod';

const Node = z.object({
  type: z.string(),
  text: z.string().optional(),
  attrs: z.looseObject({ text: z.unknown().optional(), shortName: z.unknown().optional(), url: z.unknown().optional() }).optional(),
  content: z.array(z.unknown()).optional(),
});

const blocks = new Set(['paragraph', 'heading', 'codeBlock', 'blockquote', 'listItem', 'tableRow', 'rule', 'panel', 'mediaSingle']);

export const textOf = (document: unknown): string | null => {
  if (document === null || document === undefined) return null;
  return write(document)
    .replace(/\n{3,}/g, '\n\n')
    .trim();
};

const write = (value: unknown): string => {
  const parsed = Node.safeParse(value);
  if (!parsed.success) return '';
  const { type, text, attrs, content = [] } = parsed.data;
  if (type === 'hardBreak') return '\n';
  if (text !== undefined) return text;
  const own = [attrs?.text, attrs?.shortName, attrs?.url].find((one) => typeof one === 'string') ?? ''; // a mention, an emoji, a card
  const inner = content.map(write).join('');
  return blocks.has(type) ? `${type === 'listItem' ? '- ' : ''}${inner.trim()}\n${type === 'listItem' ? '' : '\n'}` : `${own}${inner}`;
};

/** An empty line begins a new paragraph, any other line end is a break within one. */
export const documentOf = (text: string) => ({
  type: 'doc',
  version: 1,
  content: text.split(/\n{2,}/).map((paragraph) => ({
    type: 'paragraph',
    content: paragraph
      .split('\n')
      .flatMap((line, index) => [...(index > 0 ? [{ type: 'hardBreak' }] : []), ...(line === '' ? [] : [{ type: 'text', text: line }])]),
  })),
});
