/** Tabs whose choice lives in the address, so a tab can be linked to. */
import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

type Tab<T extends string> = { value: T; label: string; count?: number | undefined; content: ReactNode };

export function Tabs<T extends string>({
  value,
  onChange,
  tabs,
  label,
}: {
  value: T;
  onChange: (value: T) => void;
  tabs: Tab<T>[];
  label: string;
}) {
  return (
    <Radix.Root
      value={value}
      onValueChange={(next) => {
        const found = tabs.find((tab) => tab.value === next);
        if (found) onChange(found.value);
      }}
    >
      <Radix.List aria-label={label} className="-mx-4 mb-5 flex gap-3 overflow-x-auto border-b border-line px-3 sm:mx-0 sm:-ml-1 sm:px-0">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className="relative -mb-px flex h-9 items-center gap-1.5 border-b-2 border-transparent px-1 font-medium whitespace-nowrap text-muted transition-colors hover:text-ink focus-visible:outline-offset-[-2px] data-[state=active]:border-ink data-[state=active]:text-ink"
          >
            {tab.label}
            {tab.count !== undefined && (
              <span aria-hidden className="rounded-md bg-hover px-1.5 text-2xs font-medium text-muted tabular-nums">
                {tab.count}
              </span>
            )}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} tabIndex={-1} className="outline-none">
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
