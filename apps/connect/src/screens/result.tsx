/** How an attempt ended: it works, someone has to approve it, or it cannot be mended by trying again. */
import { CircleCheck, CircleX, Clock } from 'lucide-react';
import { usePage } from '../context.tsx';
import type { Failure } from '../failure.ts';
import { Button } from '../ui/button.tsx';
import { Details } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import { CloseButton, Expired } from './ended.tsx';

type DoneProps = { name: string; isReconnecting: boolean; isPending: boolean; onAnother: (() => void) | undefined };

export function Done({ name, isReconnecting, isPending, onAnother }: DoneProps) {
  const { words, close } = usePage();
  const { title, about } = words;
  const icon = isPending ? (
    <Clock aria-hidden className="size-11 text-accent" />
  ) : (
    <CircleCheck aria-hidden className="size-11 text-good" />
  );
  const success = isReconnecting ? title.doneAgain(name) : title.done(name);
  return (
    <Screen
      title={isPending ? title.pending(name) : success}
      icon={icon}
      about={<p role="status">{isPending ? about.pending(name) : close ? about.done : about.doneTab}</p>}
    >
      <div className="flex flex-col gap-2">
        {close && (
          <Button tone="solid" className="w-full" onClick={close}>
            {words.action.finish}
          </Button>
        )}
        {onAnother && (
          <Button className="w-full" onClick={onAnother}>
            {words.action.another}
          </Button>
        )}
      </div>
    </Screen>
  );
}

type FailedProps = { failure: Failure; onRetry: () => void };

/** In place of the form: what the person typed plays no part in it. */
export function Failed({ failure, onRetry }: FailedProps) {
  const { words } = usePage();
  if (failure.kind === 'expired') return <Expired />;
  const { title, advice } = words.failure[failure.kind];
  return (
    <Screen title={title} icon={<CircleX aria-hidden className="size-11 text-bad" />} about={<p role="alert">{advice}</p>}>
      <div className="flex flex-col gap-4">
        {failure.message !== '' && (
          <div className="rounded-control border bg-sunken px-3.5 py-2.5">
            <Details label={words.action.details} text={failure.message} />
          </div>
        )}
        <Button tone="solid" className="w-full" onClick={onRetry}>
          {words.action.back}
        </Button>
        <CloseButton />
      </div>
    </Screen>
  );
}
