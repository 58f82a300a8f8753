/** Asked before something typed is lost. Our own, since browsers show no `confirm` of a framed page. */
import { useEffect, useRef } from 'react';
import { usePage } from '../context.tsx';
import { Button } from '../ui/button.tsx';

type LeaveProps = { onStay: () => void; onLeave: () => void };

/** The browser's modal dialog keeps the focus inside, closes on Escape and gives the focus back. */
export function Leave({ onStay, onLeave }: LeaveProps) {
  const { words } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      role="alertdialog"
      aria-labelledby="leave-title"
      aria-describedby="leave-about"
      onKeyDown={(event) => event.stopPropagation()}
      onCancel={(event) => {
        event.preventDefault();
        onStay();
      }}
      className="scheme m-auto w-[min(22rem,calc(100vw-2rem))] rounded-card border bg-panel p-6 text-center text-ink shadow-high backdrop:bg-black/40"
    >
      <h2 id="leave-title" className="text-lg font-semibold">
        {words.title.leave}
      </h2>
      <p id="leave-about" className="mt-1 mb-5 text-muted">
        {words.about.leave}
      </p>
      <div className="flex flex-col gap-2">
        <Button tone="solid" onClick={onStay}>
          {words.action.keepEditing}
        </Button>
        <Button onClick={onLeave}>{words.action.leave}</Button>
      </div>
    </dialog>
  );
}
