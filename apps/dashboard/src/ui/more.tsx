/** The end of a list that has more: loads when it comes into view, and by button. */
import { useEffect, useRef } from 'react';
import { Button } from './button.tsx';

type MoreProps = { hasMore: boolean; loading: boolean; onMore: () => void; auto?: boolean };

export function More({ hasMore, loading, onMore, auto = true }: MoreProps) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = end.current;
    if (!element || !hasMore || loading || !auto) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onMore(), { rootMargin: '400px' });
    observer.observe(element);
    return () => observer.disconnect();
  }, [hasMore, loading, onMore, auto]);
  if (!hasMore) return null;
  return (
    <div ref={end} className="flex justify-center border-t border-line p-3">
      <Button size="small" tone="bare" busy={loading} onClick={onMore}>
        Load more
      </Button>
    </div>
  );
}
