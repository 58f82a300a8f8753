/** Says that requests through a connection wait for the provider's rate limit. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEnvironment } from '../../environment.tsx';
import { type ConnectionRef, rateLimitsQuery } from '../../queries.ts';
import { Notice } from '../../ui/empty.tsx';
import { Time } from '../../ui/time.tsx';

/** Nothing while nothing waits. */
export function HeldRateLimit({ of }: { of: ConnectionRef }) {
  const { env } = useEnvironment();
  const { data } = useQuery(rateLimitsQuery(env, of.key, of.connectionId));
  const held = data?.limits.find(({ held_until }) => held_until !== null);
  if (!held) return null;
  return (
    <div className="mb-5">
      <Notice tone="warn" title="The provider's rate limit is used up">
        <p>
          Requests through {held.of === 'integration' ? 'this integration' : 'this connection'} are sent again <Time at={held.held_until} />
          .{' '}
          <Link to="/$env/integrations/$key" params={{ env, key: of.key }} search={{ tab: 'limits' }} className="underline">
            Who spent it
          </Link>
        </p>
      </Notice>
    </div>
  );
}
