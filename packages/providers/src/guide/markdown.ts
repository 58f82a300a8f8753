/** A guide as a Markdown document. Texts are escaped, so that what the catalogue says cannot become markup. Pure. */
import type { Guide } from '../guide.ts';
import type { Block, GuideField, Line, Span } from './blocks.ts';

export function guideMarkdown({ name, title, mode, categories, sections }: Guide): string {
  const about = `\`${name}\` · ${escaped(mode)} · ${categories.map(escaped).join(', ')}`;
  const parts = [`# ${escaped(title)}`, about, ...sections.flatMap((section) => [`## ${section.title}`, ...section.blocks.map(block)])];
  return `${parts.join('\n\n')}\n`;
}

function block(each: Block): string {
  switch (each.kind) {
    case 'paragraph':
      return line(each.line);
    case 'note':
      return `> ${line(each.line)}`;
    case 'list':
      return list(each.items, each.summary);
    case 'table':
      return table(
        ['', ''],
        each.rows.map((row) => row.map(line)),
      );
    case 'fields':
      return table(['Field', 'What it is', 'Form'], each.fields.map(fieldRow));
    case 'code':
      return `\`\`\`${each.language}\n${each.code}\n\`\`\``;
    case 'value':
      return `${escaped(each.label)}: \`${each.value}\``;
  }
}

function list(items: readonly Line[], summary: string | undefined): string {
  const text = items.map((item) => `- ${line(item)}`).join('\n');
  return summary === undefined ? text : `<details>\n<summary>${escaped(summary)}</summary>\n\n${text}\n\n</details>`;
}

function fieldRow({ title, name, about, example, form, optional, secret }: GuideField): string[] {
  const marks = [optional ? 'optional' : '', secret ? 'secret' : ''].filter(Boolean).join(', ');
  const shape = [form ? escaped(form) : '', example ? `such as \`${example}\`` : ''].filter(Boolean).join('; ');
  return [`**${escaped(title)}**<br>\`${name}\`${marks ? ` (${marks})` : ''}`, line(about), shape];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

const line = (spans: Line): string => spans.map(span).join('');

function span(each: Span): string {
  if (typeof each === 'string') return escaped(each);
  return 'code' in each ? fenced(each.code) : `[${escaped(each.text)}](${each.href})`;
}

/** A code span whose fence is longer than any run of backticks in it. */
function fenced(text: string): string {
  const fence = '`'.repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return fence.length > 1 ? `${fence} ${text} ${fence}` : `\`${text}\``;
}

export function escaped(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>#]/g, (sign) => `\\${sign}`).replaceAll(/\s*\n\s*/g, ' ');
}
