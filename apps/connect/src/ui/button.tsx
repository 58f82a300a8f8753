/** Buttons. `busy` tells screen readers and ignores clicks, but keeps the focus: a disabled button would lose it. */
import { LoaderCircle } from 'lucide-react';
import type { ComponentProps } from 'react';

const shape =
  'inline-flex min-h-11 items-center justify-center gap-2 rounded-control px-4 py-2 font-medium transition-[filter,background-color] select-none aria-disabled:cursor-progress aria-disabled:opacity-70 disabled:cursor-not-allowed disabled:opacity-55';
const tones = {
  // A customer's colour may be that of the ground, so the edge is always a little darker.
  solid:
    'border border-[color-mix(in_oklab,var(--primary),var(--ink)_18%)] bg-primary text-on-primary enabled:hover:brightness-95 dark:enabled:hover:brightness-110',
  outline: 'border border-edge bg-panel text-ink enabled:hover:bg-hover',
  bare: 'text-muted enabled:hover:bg-hover enabled:hover:text-ink',
};

type ButtonProps = ComponentProps<'button'> & { tone?: keyof typeof tones; busy?: boolean };

export function Button({ tone = 'outline', busy = false, className = '', children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      // A form that is sent with Enter clicks its button first.
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={`${shape} ${tones[tone]} ${className}`}
      {...rest}
    >
      {busy && <LoaderCircle aria-hidden className="size-4 animate-spin" />}
      {children}
    </button>
  );
}

export function IconButton({ label, className = '', ...rest }: Omit<ComponentProps<'button'>, 'aria-label'> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`inline-flex size-10 shrink-0 items-center justify-center rounded-control text-muted transition-colors hover:bg-hover hover:text-ink ${className}`}
      {...rest}
    />
  );
}
