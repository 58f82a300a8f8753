/** Grey shapes in the place of what is being read. */
import { cx } from './class-names.ts';

export function Skeleton({ className }: { className: string }) {
  return <span aria-hidden className={cx('block animate-shimmer rounded-md bg-line', className)} />;
}

export function SkeletonRows({ rows = 6 }: { rows?: number }) {
  return (
    <div role="status" className="divide-y divide-line">
      <span className="sr-only">Loading</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical shapes
        <div key={row} className="flex h-12 items-center gap-4 px-4 sm:px-5">
          <Skeleton className="size-6 shrink-0" />
          <Skeleton className={row % 2 ? 'h-3 w-40' : 'h-3 w-52'} />
          <Skeleton className="ml-auto hidden h-3 w-24 sm:block" />
          <Skeleton className="h-3 w-16 max-sm:ml-auto" />
        </div>
      ))}
    </div>
  );
}
