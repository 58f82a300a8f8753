/** While the person is at the provider. */
import { LoaderCircle } from 'lucide-react';
import { usePage } from '../context.tsx';
import { Button } from '../ui/button.tsx';
import { Screen } from '../ui/screen.tsx';

type WaitingProps = { name: string; windowGone: boolean; onOpenAgain: () => void; onCancel: () => void };

export function Waiting({ name, windowGone, onOpenAgain, onCancel }: WaitingProps) {
  const { words } = usePage();
  return (
    <Screen
      title={words.title.waiting(name)}
      icon={<LoaderCircle aria-hidden className="size-8 animate-spin text-accent" />}
      about={<p role="status">{windowGone ? words.about.windowGone : words.about.waiting}</p>}
    >
      <div className="flex flex-col gap-2">
        <Button tone={windowGone ? 'solid' : 'outline'} className="w-full" onClick={onOpenAgain}>
          {words.action.openAgain}
        </Button>
        <Button tone="bare" className="w-full" onClick={onCancel}>
          {words.action.cancel}
        </Button>
      </div>
    </Screen>
  );
}
