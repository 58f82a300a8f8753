/** Buttons: one solid per view, the rest outlined or bare. `busy` tells screen readers and ignores clicks, but keeps the focus: a disabled button would lose it. */
import { LoaderCircle } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from './class-names.ts';

export type Tone = 'solid' | 'outline' | 'bare' | 'danger';
export type Size = 'small' | 'medium' | 'large';

const tones: Record<Tone, string> = {
  solid: 'bg-solid text-on-solid hover:bg-solid-hover shadow-soft',
  outline: 'bg-panel text-ink border border-line-strong/80 hover:bg-hover shadow-soft',
  bare: 'text-muted hover:text-ink hover:bg-hover',
  danger: 'bg-panel text-bad border border-bad/40 hover:bg-bad-soft shadow-soft',
};
const sizes: Record<Size, string> = {
  small: 'h-7 px-2.5 text-xs gap-1.5 rounded-md',
  medium: 'h-8 px-3 text-sm gap-1.5 rounded-lg',
  large: 'h-10 px-4 text-base gap-2 rounded-lg',
};

/** Also for links that look like buttons. */
export function buttonClass(tone: Tone = 'outline', size: Size = 'medium'): string {
  return cx(
    'inline-flex shrink-0 items-center justify-center whitespace-nowrap font-medium transition-colors select-none',
    'disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-progress aria-disabled:opacity-60 [&_svg]:shrink-0',
    tones[tone],
    sizes[size],
  );
}

type ButtonProps = ComponentProps<'button'> & { tone?: Tone; size?: Size; busy?: boolean; icon?: ReactNode };

export function Button({ tone, size, busy = false, icon, className, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      // A form that is sent with Enter clicks its button first.
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={cx(buttonClass(tone, size), className)}
      {...rest}
    >
      {busy ? <LoaderCircle aria-hidden className="size-3.5 animate-spin" /> : icon}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ComponentProps<'button'>, 'aria-label'> & { label: string };

export function IconButton({ label, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cx(
        'inline-flex size-7 shrink-0 items-center justify-center rounded-md text-faint transition-colors hover:bg-hover hover:text-ink disabled:opacity-40',
        className,
      )}
      {...rest}
    />
  );
}
