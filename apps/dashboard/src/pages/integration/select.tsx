/** Narrows a list to one integration. */
import { useQuery } from '@tanstack/react-query';
import { useEnvironment } from '../../environment.tsx';
import { integrationsQuery } from '../../queries.ts';
import { Select } from '../../ui/field.tsx';

type IntegrationSelectProps = { className: string; value: string | undefined; onChange: (value: string | undefined) => void };

export function IntegrationSelect({ className, value, onChange }: IntegrationSelectProps) {
  const { env } = useEnvironment();
  const { data: integrations } = useQuery(integrationsQuery(env));
  return (
    <Select
      aria-label="Integration"
      className={className}
      value={value ?? ''}
      onChange={(chosen) => onChange(chosen || undefined)}
      options={[['', 'Any integration'], ...(integrations?.map((each) => [each.unique_key, each.display_name] as const) ?? [])]}
    />
  );
}
