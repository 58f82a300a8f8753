/** Copies text to the clipboard and says so, to the eye and to screen readers. */
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from './button.tsx';
import { cx } from './class-names.ts';
import { toast } from './toast.tsx';

export function CopyButton({ text, label = 'Copy', className }: { text: string; label?: string; className?: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 1600);
    } catch {
      toast.bad('The browser does not allow copying here. Select the text and copy it by hand.');
    }
  };
  return (
    <IconButton label={done ? 'Copied' : label} onClick={copy} className={cx('z-10', className ?? 'relative')}>
      {done ? <Check aria-hidden className="size-3.5 text-good" /> : <Copy aria-hidden className="size-3.5" />}
      <span role="status" className="sr-only">
        {done ? 'Copied' : ''}
      </span>
    </IconButton>
  );
}

/** A value in monospace with its copy button. */
export function Copyable({ text, shown, label }: { text: string; shown?: string; label?: string }) {
  return (
    <span className="inline-flex max-w-full items-center gap-0.5 align-middle">
      <code className="min-w-0 truncate text-xs" title={shown ? undefined : text}>
        {shown ?? text}
      </code>
      <CopyButton text={text} className="relative -my-1" {...(label ? { label } : {})} />
    </span>
  );
}
