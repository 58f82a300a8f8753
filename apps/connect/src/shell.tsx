/**
 * What is around every screen: a dialog over the page that frames this one, or the main part of a page of its own. In a frame the focus stays
 * inside, Escape and a click beside the card leave, and whoever has typed something is asked first.
 */
import { type ReactNode, useEffect, useRef } from 'react';
import type { Place } from './place.ts';

type ShellProps = { place: Place; labelledBy: string; onClose: (() => void) | undefined; children: ReactNode };

export function Shell({ place, labelledBy, onClose, children }: ShellProps) {
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!place.framed) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Tab' && card.current) keepInside(event, card.current);
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      event.preventDefault(); // the question that may be asked now would take the same key for its answer
      onClose?.();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [place.framed, onClose]);

  if (!place.framed) return <OwnPage>{children}</OwnPage>;
  const surface = 'scheme relative flex flex-col overflow-y-auto bg-panel text-ink';
  if (place.embedded) {
    return (
      <div
        ref={card}
        role="dialog"
        aria-labelledby={labelledBy}
        className={`${surface} mx-auto h-dvh w-full max-w-[500px] sm:max-h-[700px] sm:rounded-card sm:border`}
      >
        {children}
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: a click beside the card is a shortcut for its close button and for Escape
    <div
      className="flex min-h-dvh flex-col bg-black/45 sm:items-center sm:justify-center"
      onClick={({ target, currentTarget }) => target === currentTarget && onClose?.()}
    >
      <div
        ref={card}
        role="dialog"
        aria-modal="true"
        aria-labelledby={labelledBy}
        className={`${surface} h-dvh w-full animate-rise sm:h-auto sm:max-h-[min(700px,calc(100dvh-2rem))] sm:min-h-96 sm:max-w-[500px] sm:rounded-card sm:shadow-high`}
      >
        {children}
      </div>
    </div>
  );
}

function OwnPage({ children }: { children: ReactNode }) {
  return (
    <main className="flex min-h-dvh flex-col bg-panel sm:items-center sm:justify-center sm:bg-canvas sm:p-6">
      <div className="scheme relative flex w-full flex-1 flex-col sm:max-w-[500px] sm:flex-none sm:rounded-card sm:border sm:bg-panel sm:shadow-high">
        {children}
      </div>
    </main>
  );
}

const reachable = 'a[href],button:not(:disabled),input:not(:disabled),select:not(:disabled),textarea:not(:disabled),summary';

/** Past the last control comes the first, and the other way round. */
function keepInside(event: KeyboardEvent, card: HTMLElement): void {
  const controls = [...card.querySelectorAll<HTMLElement>(reachable)].filter((control) => control.checkVisibility());
  const [first, last] = [controls[0], controls.at(-1)];
  if (!first || !last) return;
  const active = document.activeElement;
  const isOutside = !active || !card.contains(active);
  if (event.shiftKey ? active === first || isOutside || !controls.some((one) => one === active) : active === last || isOutside) {
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
}
