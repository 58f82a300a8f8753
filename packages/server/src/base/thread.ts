/** The other side of `threads.ts`: what the file of a thread says to answer. */
import { parentPort, type Transferable, workerData } from 'node:worker_threads';

export type Told = {
  readonly answer?: unknown;
  readonly failure?: { readonly name: string; readonly message: string; readonly stack?: string };
};
/** `moved`: what is not copied, and of no use here afterwards. */
export type Answered = { readonly answer: unknown; readonly moved?: readonly Transferable[] };

/** One question comes after the other is answered. @param answer what it throws is thrown where it was asked */
export function answerQuestions<Question, Data>(prepare: (data: Data) => (question: Question) => Promise<Answered>): void {
  const port = parentPort;
  if (!port) throw new Error('this file is for a thread');
  const answer = prepare(workerData as Data); // handed over by whoever knows this file
  port.on('message', (question: Question) => {
    answer(question).then(
      ({ answer, moved = [] }) => port.postMessage({ answer } satisfies Told, moved),
      (error: unknown) => port.postMessage({ failure: failureOf(error) } satisfies Told),
    );
  });
}

function failureOf(thrown: unknown): NonNullable<Told['failure']> {
  const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
  return { name, message, ...(stack === undefined ? {} : { stack }) };
}
