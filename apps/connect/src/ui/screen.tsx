/**
 * One screen of the card: how to get back and out, a heading, what it is about. Its heading takes the focus when it appears, so that a screen
 * reader reads on there and the keyboard starts over.
 */
import { ArrowLeft, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { usePage } from '../context.tsx';
import { IconButton } from './button.tsx';

type ScreenProps = { title: string; icon: ReactNode; about?: ReactNode; onBack?: (() => void) | undefined; children?: ReactNode };
/** Names the dialog. */
export const HEADING_ID = 'screen-heading';

/** Outlives the screens: on a page of its own the first one does not take the focus, every other one does. */
let lastTitle: string | undefined;

export function Screen({ title, icon, about, onBack, children }: ScreenProps) {
  const { words, place, close, appearance } = usePage();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title;
    // An editor that shows a preview keeps its own focus.
    if (!place.preview && lastTitle !== title && (place.framed || lastTitle !== undefined)) heading.current?.focus();
    lastTitle = title;
  }, [title, place]);
  return (
    <>
      <div className="flex min-h-13 items-center justify-between px-2 pt-2">
        {onBack ? (
          <IconButton label={words.action.back} onClick={onBack}>
            <ArrowLeft aria-hidden className="size-5" />
          </IconButton>
        ) : (
          <span />
        )}
        {close && (
          <IconButton label={words.action.close} onClick={close}>
            <X aria-hidden className="size-5" />
          </IconButton>
        )}
      </div>
      <div className="flex flex-1 flex-col px-5 pb-7 sm:px-9">
        <header className="mb-6 flex flex-col items-center text-center">
          {appearance.logo && <img src={appearance.logo} alt="" className="mb-5 max-h-10 max-w-44 object-contain" />}
          <span className="mb-4 flex size-12 items-center justify-center">{icon}</span>
          <h1
            id={HEADING_ID}
            ref={heading}
            tabIndex={-1}
            className="text-xl font-semibold tracking-tight text-balance outline-none [overflow-wrap:anywhere]"
          >
            {title}
          </h1>
          {about && <div className="mt-1.5 max-w-sm text-pretty text-muted [overflow-wrap:anywhere]">{about}</div>}
        </header>
        {children}
        {appearance.showWatermark && <p className="mt-auto pt-7 text-center text-sm text-muted">{words.label.watermark}</p>}
      </div>
    </>
  );
}
