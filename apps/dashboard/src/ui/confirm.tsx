/** Asks before something that can't be undone: `if (await confirm({ … })) …`. For the worst, the name must be typed. */
import { useState, useSyncExternalStore } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { TextField } from './field.tsx';

type Question = { title: string; body: string; action: string; danger?: boolean; typed?: string };
type Pending = Question & { answer: (yes: boolean) => void };
let pending: Pending | undefined;
const listeners = new Set<() => void>();

function change(next: Pending | undefined): void {
  pending = next;
  for (const listener of listeners) listener();
}

export function confirm(question: Question): Promise<boolean> {
  pending?.answer(false);
  return new Promise((resolve) => {
    change({
      ...question,
      answer: (yes) => {
        change(undefined);
        resolve(yes);
      },
    });
  });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Confirmations() {
  const question = useSyncExternalStore(subscribe, () => pending);
  return question ? <Ask key={question.title} question={question} /> : null;
}

function Ask({ question }: { question: Pending }) {
  const [text, setText] = useState('');
  const ready = question.typed === undefined || text === question.typed;
  return (
    <Dialog open onClose={() => question.answer(false)} title={question.title} about={question.body}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) question.answer(true);
        }}
        className="flex flex-col gap-4"
      >
        {question.typed !== undefined && <TextField label={`Type ${question.typed} to go on`} value={text} onChange={setText} mono />}
        <div className="flex justify-end gap-2">
          <Button onClick={() => question.answer(false)}>Cancel</Button>
          <Button type="submit" tone={question.danger ? 'danger' : 'solid'} disabled={!ready}>
            {question.action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
