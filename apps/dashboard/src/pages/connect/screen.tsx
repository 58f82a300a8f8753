/**
 * The one card of the connect page: full screen on phones. Its heading is where focus goes when what it shows changes, so that a
 * screen reader reads on there and the keyboard starts over.
 */
import { ArrowLeft } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { IconButton } from '../../ui/button.tsx';

type ScreenProps = { title: string; icon: ReactNode; about?: ReactNode; onBack?: (() => void) | undefined; children?: ReactNode };

/** Outlives the cards: the first one does not take the focus, every other one does. */
let lastTitle: string | undefined;

export function Screen({ title, icon, about, onBack, children }: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title;
    if (lastTitle !== undefined && lastTitle !== title) heading.current?.focus();
    lastTitle = title;
  }, [title]);
  return (
    <main className="flex min-h-dvh flex-col bg-panel sm:items-center sm:justify-center sm:bg-transparent sm:p-6">
      <div className="roomy relative flex w-full flex-1 flex-col px-5 pt-10 pb-8 sm:max-w-[500px] sm:flex-none sm:rounded-2xl sm:border sm:border-line sm:bg-panel sm:px-9 sm:pb-9 sm:shadow-high">
        {onBack && (
          <IconButton label="Choose another" onClick={onBack} className="absolute top-3 left-3 size-10">
            <ArrowLeft aria-hidden className="size-5" />
          </IconButton>
        )}
        <header className="mb-6 flex flex-col items-center text-center">
          <span className="mb-4 flex size-12 items-center justify-center">{icon}</span>
          <h1
            ref={heading}
            tabIndex={-1}
            className="text-xl font-semibold tracking-tight text-balance outline-none [overflow-wrap:anywhere]"
          >
            {title}
          </h1>
          {about && <div className="mt-1.5 max-w-sm text-pretty text-muted [overflow-wrap:anywhere]">{about}</div>}
        </header>
        {children}
      </div>
    </main>
  );
}
