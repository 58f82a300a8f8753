import { expect, test } from 'vitest';
import { pageBytes } from '../../src/records/list.ts';

const alphabets = ['ab', 'äß', '漢字', '😀👩‍🚀', 'aß漢😀', ''];

test.each(alphabets)('a page of texts in "%s" is the same bytes as its text, whatever each record’s length', (alphabet) => {
  const signs = [...alphabet];
  for (let count = 0; count < 40; count++) {
    const records = Array.from({ length: count }, (_, n) =>
      JSON.stringify({ id: String(n), text: Array.from({ length: (n * 37) % 91 }, (_, at) => signs[at % signs.length] ?? '').join('') }),
    );
    const nextCursor = count % 2 === 0 ? null : 'MTox';
    expect(pageBytes({ records, nextCursor }).toString()).toBe(
      `{"records":[${records.join(',')}],"next_cursor":${JSON.stringify(nextCursor)}}`,
    );
  }
});
