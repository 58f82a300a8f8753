/** Small labels for states. The word carries the meaning; colour and dot only help. */
import type { ReactNode } from 'react';
import { cx } from './class-names.ts';

export type BadgeTone = 'good' | 'bad' | 'warn' | 'accent' | 'plain';
const tones: Record<BadgeTone, string> = {
  good: 'bg-good-soft text-good',
  bad: 'bg-bad-soft text-bad',
  warn: 'bg-warn-soft text-warn',
  accent: 'bg-accent-soft text-accent',
  plain: 'bg-hover text-muted',
};

/** `long`: for texts of any length, which then wrap. */
type BadgeProps = { tone?: BadgeTone; dot?: boolean; pulse?: boolean; mono?: boolean; long?: boolean; children: ReactNode };

export function Badge({ tone = 'plain', dot = false, pulse = false, mono = false, long = false, children }: BadgeProps) {
  return (
    <span
      className={cx(
        'inline-flex items-center gap-1.5 rounded-md px-1.5 text-2xs font-medium',
        long ? 'min-w-0 max-w-full py-0.5 [overflow-wrap:anywhere]' : 'h-5 shrink-0 whitespace-nowrap',
        mono && 'font-mono',
        tones[tone],
      )}
    >
      {(dot || pulse) && <span aria-hidden className={cx('size-1.5 rounded-full bg-current', pulse && 'animate-pulse')} />}
      {children}
    </span>
  );
}
