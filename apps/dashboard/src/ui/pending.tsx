/** A card in the place of one whose content is being read, or could not be. */
import { Card } from './card.tsx';
import { Failed } from './empty.tsx';
import { SkeletonRows } from './skeleton.tsx';

type PendingCardProps = { of: { error: unknown; refetch: () => unknown }; rows?: number };

export function PendingCard({ of: { error, refetch }, rows }: PendingCardProps) {
  return (
    <Card flush>{error ? <Failed error={error} onRetry={() => void refetch()} /> : <SkeletonRows {...(rows ? { rows } : {})} />}</Card>
  );
}
