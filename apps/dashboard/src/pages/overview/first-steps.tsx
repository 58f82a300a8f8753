/** What to do first, and how far one has come. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { useEnvironment } from '../../environment.tsx';
import { type Overview, settingsQuery } from '../../queries.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { cx } from '../../ui/class-names.ts';
import { Code } from '../../ui/code.tsx';
import { AddConnection } from '../connection/add.tsx';

export function FirstSteps({ overview }: { overview: Overview }) {
  const { env, session } = useEnvironment();
  const { data } = useQuery(settingsQuery(env));
  const secret = data?.api_keys[0]?.secret;
  const steps: StepProps[] = [
    {
      done: overview.integrations > 0,
      title: 'Add an integration',
      about: 'Choose an external API and enter the client you registered with it.',
      action: (
        <Link to="/$env/integrations" params={{ env }} className={buttonClass('solid')}>
          Choose a provider
        </Link>
      ),
    },
    {
      done: overview.connections > 0,
      title: 'Connect an account',
      about: 'As your users will: through the provider’s own consent page, or with an API key.',
      action: overview.integrations > 0 && <AddConnection />,
    },
    {
      done: overview.functions > 0,
      title: 'Deploy a sync',
      about: 'A function in TypeScript that keeps a copy of your users’ data up to date.',
      action: (
        <Code
          label="Copy commands"
          secret={secret}
          code={`export BOWLINE_SECRET_KEY=${secret ?? 'YOUR_API_KEY'}\nexport BOWLINE_HOST=${session.api_url}\nnpx bowline deploy ${env}`}
        />
      ),
    },
  ];
  const next = steps.findIndex(({ done }) => !done);
  return (
    <Card title="First steps" about={`${steps.filter(({ done }) => done).length} of ${steps.length} done`}>
      <ol className="flex flex-col">
        {steps.map((step, index) => (
          <Step key={step.title} {...step} open={index === next} />
        ))}
      </ol>
    </Card>
  );
}

type StepProps = { done: boolean; title: string; about: string; action: ReactNode; open?: boolean };

function Step({ done, title, about, action, open = false }: StepProps) {
  return (
    <li className="flex gap-3 border-t border-line py-3 last:pb-0">
      <span
        aria-hidden
        className={cx(
          'mt-0.5 inline-flex size-4.5 shrink-0 items-center justify-center rounded-full border',
          done ? 'border-good bg-good-soft text-good' : open ? 'border-accent' : 'border-line-strong',
        )}
      >
        {done && <Check className="size-3" />}
      </span>
      <div className="min-w-0 flex-1">
        <p className={cx('font-medium', done && 'text-muted')}>
          {title}
          {done && <span className="sr-only"> (done)</span>}
        </p>
        {!done && <p className="text-muted">{about}</p>}
        {open && <div className="mt-3 max-w-xl">{action}</div>}
      </div>
    </li>
  );
}
