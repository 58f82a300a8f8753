import { expect, test } from 'vitest';
import { freshDatabase } from '../postgres.ts';
import { TestStream } from './stream.ts';

const { db } = await freshDatabase();
const alphabets = ['ab', 'äß', '漢字', '😀👩‍🚀', 'aß漢😀', '"\\\n'];

test.each(alphabets)('a page of texts in "%s" holds what was saved, sealed or not, whatever each record’s length', async (alphabet) => {
  const stream = await TestStream.open(db);
  const signs = [...alphabet];
  const items = Array.from({ length: 90 }, (_, n) => ({
    id: `${signs[n % signs.length]}${n}`,
    text: Array.from({ length: (n * 37) % 91 }, (_, at) => signs[at % signs.length] ?? '').join(''),
  }));
  await stream.save(items.slice(0, 45));
  await stream.save(items.slice(45), {}, { sealRecords: false });
  for (const limit of [1, 2, 44, 45, 46, 90]) {
    const { records } = await stream.list({ limit });
    expect(records.map(({ id, text }) => ({ id, text }))).toEqual(items.slice(0, limit));
  }
});
