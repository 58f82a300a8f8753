/** A new provider of the environment's own: a name, and a definition that starts from an example. */
import { CustomProviderName } from '@bowline/api/providers';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useEnvironment } from '../../environment.tsx';
import { Card } from '../../ui/card.tsx';
import { cx } from '../../ui/class-names.ts';
import { TextField } from '../../ui/field.tsx';
import { Page } from '../../ui/page.tsx';
import { Editor } from './editor.tsx';
import { type Starter, starters } from './starters.ts';

export function NewProviderPage() {
  const { env } = useEnvironment();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [starter, setStarter] = useState<Starter | undefined>(starters[0]);
  const problem = name === '' ? undefined : CustomProviderName.safeParse(name).error?.issues[0]?.message;
  return (
    <Page
      title="New provider"
      about="An API that the catalogue does not have, or not the way you need it."
      crumbs={[
        <Link key="integrations" to="/$env/integrations" params={{ env }}>
          Integrations
        </Link>,
        <Link key="own" to="/$env/providers" params={{ env }}>
          Own providers
        </Link>,
        <span key="this">New</span>,
      ]}
    >
      <div className="flex flex-col gap-5">
        <Card title="Name and start">
          <div className="flex flex-col gap-4">
            <div className="max-w-md">
              <TextField
                label="Name"
                mono
                placeholder="acme-erp"
                help="Names it in your code: lower-case letters, digits and dashes. It stays as it is."
                value={name}
                onChange={setName}
                error={problem}
              />
            </div>
            <Start chosen={starter} onChoose={setStarter} />
          </div>
        </Card>
        <Editor
          key={starter?.id}
          name={problem ? '' : name}
          yaml={starter?.yaml ?? ''}
          isNew
          onSaved={() => void navigate({ to: '/$env/providers/$name', params: { env, name } })}
        />
      </div>
    </Page>
  );
}

function Start({ chosen, onChoose }: { chosen: Starter | undefined; onChoose: (starter: Starter) => void }) {
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium">Start from</legend>
      <div className="grid gap-2 sm:grid-cols-2 lg:grid-cols-5">
        {starters.map((starter) => (
          <button
            key={starter.id}
            type="button"
            aria-pressed={starter.id === chosen?.id}
            onClick={() => onChoose(starter)}
            className={cx(
              'rounded-lg border px-3 py-2.5 text-left transition-colors',
              starter.id === chosen?.id ? 'border-accent/50 bg-accent-soft' : 'border-line hover:border-line-strong hover:bg-hover',
            )}
          >
            <span className="block font-medium">{starter.title}</span>
            <span className="block text-xs text-muted">{starter.about}</span>
          </button>
        ))}
      </div>
    </fieldset>
  );
}
