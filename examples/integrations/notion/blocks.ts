/** Text as blocks of a page. Notion takes at most 2,000 characters a piece and 100 blocks a request. https://developers.notion.com/reference/request-limits */
const charactersMax = 2000;
export const blocksMax = 100;

const pieces = (text: string): { type: 'text'; text: { content: string } }[] => {
  const characters = [...text]; // whole characters: an emoji cut in two would be refused
  const count = Math.ceil(characters.length / charactersMax);
  return Array.from({ length: count }, (_, index) => ({
    type: 'text',
    text: { content: characters.slice(index * charactersMax, (index + 1) * charactersMax).join('') },
  }));
};

const block = (type: string, text: string): object => ({ object: 'block', type, [type]: { rich_text: pieces(text) } });

/** A line each: `#`, `##` and `###` begin a heading, `-` a bullet; empty lines only separate. */
export const blocksOf = (text: string): object[] =>
  text.split('\n').flatMap((line) => {
    if (line.trim() === '') return [];
    const [, marks, heading] = /^(#{1,3}) +(.*)$/.exec(line) ?? [];
    if (marks !== undefined && heading !== undefined) return block(`heading_${marks.length}`, heading);
    const [, bullet] = /^[-*] +(.*)$/.exec(line) ?? [];
    return bullet === undefined ? block('paragraph', line) : block('bulleted_list_item', bullet);
  });
