/** The guide to a provider beside its form and on its own tab: what to do at the vendor first, then sections to unfold. */
import type { ProviderGuide } from '@bowline/api/dashboard-providers';
import { useQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import { useEnvironment } from '../../environment.tsx';
import { guideQuery } from '../../queries.ts';
import { Blocks } from '../../ui/blocks.tsx';
import { Card } from '../../ui/card.tsx';
import { Failed } from '../../ui/empty.tsx';
import { Skeleton, SkeletonRows } from '../../ui/skeleton.tsx';

type Of = {
  provider: string;
  /** The key that addresses and samples name. */
  integration: string;
};

function useGuide({ provider, integration }: Of) {
  const { env } = useEnvironment();
  return useQuery(guideQuery(env, provider, integration));
}

const SETUP = 'setup';

/** What to register at the vendor, with this server's addresses. */
export function SetupSteps(of: Of) {
  const { data, error } = useGuide(of);
  const setup = data?.sections.find(({ id }) => id === SETUP);
  if (error) return null;
  return (
    <section aria-label={setup?.title ?? 'Set up'} className="rounded-lg border border-line bg-sunken/60 p-3">
      {setup ? <Blocks blocks={setup.blocks} /> : <Skeleton className="h-3.5 w-64" />}
    </section>
  );
}

/** The whole guide, for a page. */
export function GuideCard({ title, ...of }: Of & { title: string }) {
  return (
    <Card title={`Guide to ${title}`} flush>
      <div className="px-4 pb-4 sm:px-5">
        <SetupSteps {...of} />
      </div>
      <div className="border-t border-line">
        <GuideSections {...of} open={['connect', 'requests']} />
      </div>
    </Card>
  );
}

/** Everything else. @param open sections that are unfolded at first */
export function GuideSections({ open = [], ...of }: Of & { open?: readonly string[] }) {
  const { data, error, refetch } = useGuide(of);
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={5} />;
  return (
    <div className="divide-y divide-line">
      {data.sections
        .filter(({ id }) => id !== SETUP)
        .map((section) => (
          <GuideSection key={section.id} section={section} open={open.includes(section.id)} />
        ))}
    </div>
  );
}

function GuideSection({ section, open }: { section: ProviderGuide['sections'][number]; open: boolean }) {
  return (
    <details open={open} className="group/section">
      <summary className="flex items-center gap-2 px-4 py-2.5 font-medium hover:bg-hover/60 sm:px-5 [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden className="size-3.5 shrink-0 text-faint transition-transform group-open/section:rotate-90" />
        <h3>{section.title}</h3>
      </summary>
      <div className="px-4 pt-1 pb-4 sm:px-5 sm:pl-10.5">
        <Blocks blocks={section.blocks} />
      </div>
    </details>
  );
}
