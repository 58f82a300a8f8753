/** Screens on which nothing can be connected: not yet, no longer, or not at all. */
import { Link2, LoaderCircle, Unlink, Unplug, WifiOff } from 'lucide-react';
import { usePage } from '../context.tsx';
import { Button } from '../ui/button.tsx';
import { Screen } from '../ui/screen.tsx';

const iconClass = 'size-8 text-muted';

export function Opening() {
  const { words } = usePage();
  return (
    <Screen title={words.title.pick} icon={<Link2 aria-hidden className="size-8 text-accent" />}>
      <p role="status" className="flex items-center justify-center gap-2 py-6 text-muted">
        <LoaderCircle aria-hidden className="size-4 animate-spin" />
        {words.label.opening}
      </p>
    </Screen>
  );
}

export function Expired() {
  const { words } = usePage();
  return (
    <Screen
      title={words.title.expired}
      icon={<Unlink aria-hidden className={iconClass} />}
      about={<p role="alert">{words.about.expired}</p>}
    >
      <CloseButton />
    </Screen>
  );
}

export function Incomplete() {
  const { words } = usePage();
  return (
    <Screen
      title={words.title.incomplete}
      icon={<Unlink aria-hidden className={iconClass} />}
      about={<p role="alert">{words.about.incomplete}</p>}
    >
      <CloseButton />
    </Screen>
  );
}

export function NothingToConnect() {
  const { words } = usePage();
  return (
    <Screen title={words.title.empty} icon={<Unplug aria-hidden className={iconClass} />} about={<p role="alert">{words.about.empty}</p>}>
      <CloseButton />
    </Screen>
  );
}

export function Unreachable({ isBusy, onRetry }: { isBusy: boolean; onRetry: () => void }) {
  const { words } = usePage();
  return (
    <Screen
      title={words.title.unreachable}
      icon={<WifiOff aria-hidden className={iconClass} />}
      about={<p role="alert">{words.about.unreachable}</p>}
    >
      <Button tone="solid" className="w-full" busy={isBusy} onClick={onRetry}>
        {words.action.tryAgain}
      </Button>
    </Screen>
  );
}

export function CloseButton() {
  const { words, close } = usePage();
  if (!close) return null;
  return (
    <Button className="w-full" onClick={close}>
      {words.action.close}
    </Button>
  );
}
