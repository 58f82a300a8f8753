/** A menu behind a button. */
import { Check } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './class-names.ts';

export function Menu({ trigger, children, align = 'end' }: { trigger: ReactNode; children: ReactNode; align?: 'start' | 'end' }) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-h-[70vh] min-w-48 animate-appear overflow-y-auto rounded-xl border border-line bg-panel p-1 shadow-high"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

type ItemProps = { onSelect: () => void; children: ReactNode; icon?: ReactNode; danger?: boolean; checked?: boolean; disabled?: boolean };

export function MenuItem({ onSelect, children, icon, danger = false, checked, disabled = false }: ItemProps) {
  return (
    <Radix.Item
      onSelect={onSelect}
      disabled={disabled}
      className={cx(
        'flex h-8 cursor-pointer items-center gap-2 rounded-lg px-2 outline-none select-none data-disabled:opacity-45 data-highlighted:bg-hover [&_svg]:size-3.5',
        danger ? 'text-bad' : 'text-ink [&_svg]:text-faint',
      )}
    >
      {icon}
      <span className="flex-1">{children}</span>
      {checked && <Check aria-label="chosen" className="size-3.5" />}
    </Radix.Item>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="truncate px-2 pt-1.5 pb-1 text-2xs font-medium text-faint">{children}</Radix.Label>;
}

export function MenuLine() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-line" />;
}
