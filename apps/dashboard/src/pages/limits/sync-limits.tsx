/** How many syncs run at once: of an environment, with its part beside others; of an integration and each of its connections; of one connection. */
import type { SyncLimits, SyncLimitsChange } from '@bowline/api/sync-limits';
import { useQuery } from '@tanstack/react-query';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { type ConnectionRef, type LimitsRef, limitsQuery } from '../../queries.ts';
import { Card } from '../../ui/card.tsx';
import { type NumberField, NumbersForm } from '../../ui/numbers-form.tsx';
import { count } from '../../ui/time.tsx';

const MOST = 1_000_000;

export function EnvironmentLimits() {
  const { data, save } = useLimits({});
  if (!data) return null;
  const { environment, server } = data;
  return (
    <LimitsCard
      id="running-syncs"
      title="Running syncs"
      about="How many syncs of this environment run at once, and its part when several environments wait. A change holds from the next run on."
      fields={[
        {
          name: 'weight',
          label: 'Weight',
          help: 'While several environments wait, twice the weight gets twice the runs.',
          value: environment.weight,
          min: 1,
          max: 100,
        },
        limit('runs_max', 'Syncs at once', environment.runs_max, allowed(environment.runs_max, 'environment', server, environment.running)),
      ]}
      busy={save.isPending}
      onSave={({ weight, ...rest }) => save.mutate({ environment: { ...rest, ...(typeof weight === 'number' ? { weight } : {}) } })}
    />
  );
}

export function IntegrationLimits({ integrationKey }: { integrationKey: string }) {
  const { data, save } = useLimits({ key: integrationKey });
  if (!data?.integration) return null;
  const { integration, server } = data;
  const { runs_max, connection_runs_max, running } = integration;
  return (
    <LimitsCard
      title="Running syncs"
      about="How many syncs of this integration run at once, for a provider that bears no more. A connection can have a number of its own."
      fields={[
        limit('runs_max', 'Of the integration', runs_max, allowed(runs_max, 'integration', server, running)),
        limit('connection_runs_max', 'Of each connection', connection_runs_max, allowed(connection_runs_max, 'connection', server)),
      ]}
      busy={save.isPending}
      onSave={(change) => save.mutate({ integration: change })}
    />
  );
}

export function ConnectionLimits({ of }: { of: ConnectionRef }) {
  const { data, save } = useLimits(of);
  if (!data?.connection) return null;
  const { connection, integration, server } = data;
  const usual = Math.min(integration?.connection_runs_max ?? MOST, server.connection);
  const help =
    usual < server.connection && (connection.runs_max ?? 0) <= server.connection
      ? `Left empty: ${count(usual)}, as its integration says. ${now(connection.running, server)}`
      : allowed(connection.runs_max, 'connection', server, connection.running);
  return (
    <LimitsCard
      title="Running syncs"
      about="How many syncs of this connection run at once. A change holds from the next run on."
      fields={[limit('runs_max', 'Syncs at once', connection.runs_max, help)]}
      busy={save.isPending}
      onSave={({ runs_max = null }) => save.mutate({ connection: { runs_max } })}
    />
  );
}

const limit = <Name extends string>(name: Name, label: string, value: number | null, help: string): NumberField<Name> => ({
  name,
  label,
  value,
  help,
  min: 1,
  max: MOST,
});

type Server = SyncLimits['server'];

const now = (running: number, { slots }: Server): string => (slots === 0 ? 'No process runs syncs.' : `Running now: ${count(running)}.`);

function allowed(value: number | null, whose: 'environment' | 'integration' | 'connection', server: Server, running?: number): string {
  const most = count(server[whose]);
  const isMore = value !== null && value > server[whose];
  const words = isMore ? `The server allows ${most}, so no more run.` : `Left empty: ${most}, as the server allows.`;
  return running === undefined ? words : `${words} ${now(running, server)}`;
}

function useLimits(named: LimitsRef) {
  const { env, api } = useEnvironment();
  const { data } = useQuery(limitsQuery(env, named));
  const save = useChange({
    run: (change: SyncLimitsChange) => api.syncLimits.update({ query: {}, body: { ...namesOf(named), ...change } }),
    stale: ['syncs'],
    said: 'It holds from the next run on',
  });
  return { data, save };
}

const namesOf = ({ key, connectionId }: LimitsRef) => ({
  ...(key === undefined ? {} : { provider_config_key: key }),
  ...(connectionId === undefined ? {} : { connection_id: connectionId }),
});

type LimitsCardProps<Name extends string> = {
  id?: string;
  title: string;
  about: string;
  fields: readonly NumberField<Name>[];
  busy: boolean;
  onSave: (change: Partial<Record<Name, number | null>>) => void;
};

function LimitsCard<Name extends string>({ id, title, about, ...form }: LimitsCardProps<Name>) {
  return (
    <Card {...(id ? { id } : {})} title={title} about={about}>
      <NumbersForm key={JSON.stringify(form.fields.map(({ value }) => value))} canBeEmpty={(name) => name !== 'weight'} {...form} />
    </Card>
  );
}
