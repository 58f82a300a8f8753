/** A thread that reads pages of records, over a connection of its own (`page.ts`). */
import { openCopying } from '../base/copy-out.ts';
import type { PostgresTarget } from '../base/postgres.ts';
import { answerQuestions } from '../base/thread.ts';
import { createCipher } from './cipher.ts';
import { type AskedPage, collectPage } from './page.ts';
import { rowOf } from './splice.ts';

answerQuestions<AskedPage, PostgresTarget>((target) => {
  const database = openCopying(target);
  return async ({ statement, cipher, limit }) => {
    const page = collectPage(createCipher({ ...cipher, key: Buffer.from(cipher.key) }), limit);
    await database.copyOut(statement, (row) => page.take(rowOf(row)));
    const answer = page.end();
    return { answer, moved: [answer.bytes.buffer as ArrayBuffer] }; // made in one piece, and nobody's else
  };
});
