/** What narrows the list of deliveries, each kept in the address. */
import { deliveryStates } from '@bowline/api/webhook-deliveries';
import { webhookEventNames } from '@bowline/api/webhook-events';
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useEnvironment } from '../../environment.tsx';
import { endpointsQuery } from '../../queries.ts';
import type { Deliveries } from '../../search.ts';
import { cx } from '../../ui/class-names.ts';
import { inputClass, Select } from '../../ui/field.tsx';
import { Search } from '../../ui/search.tsx';
import { IntegrationSelect } from '../integration/select.tsx';
import { stateWords } from './state.tsx';

export function Filters({ filter, set }: { filter: Deliveries; set: (change: Deliveries) => void }) {
  const { env } = useEnvironment();
  const { data: endpoints } = useQuery(endpointsQuery(env));
  const setConnection = useCallback((connection: string) => set({ connection: connection || undefined }), [set]);
  const select = 'max-sm:basis-[calc(50%-0.25rem)] sm:w-44';
  return (
    <search aria-label="Filters of deliveries" className="mb-3 flex flex-wrap items-end gap-2">
      <div className="flex min-w-0 flex-1 basis-full sm:basis-52">
        <Search label="Connection id" value={filter.connection ?? ''} onChange={setConnection} />
      </div>
      <Select
        aria-label="Event"
        className={select}
        value={filter.event ?? ''}
        onChange={(value) => set({ event: webhookEventNames.find((each) => each === value) })}
        options={[['', 'Any event'], ...webhookEventNames.map((each) => [each, each] as const)]}
      />
      <Select
        aria-label="State"
        className={select}
        value={filter.state ?? ''}
        onChange={(value) => set({ state: deliveryStates.find((each) => each === value) })}
        options={[['', 'Any state'], ...deliveryStates.map((each) => [each, stateWords[each]] as const)]}
      />
      <Select
        aria-label="Endpoint"
        className={select}
        value={filter.endpoint ?? ''}
        onChange={(endpoint) => set({ endpoint: endpoint || undefined })}
        options={[['', 'Any endpoint'], ...(endpoints?.map(({ id, url, description }) => [id, description || url] as const) ?? [])]}
      />
      <IntegrationSelect className={select} value={filter.integration} onChange={(integration) => set({ integration })} />
      <Moment label="From" value={filter.from} onChange={(from) => set({ from })} />
      <Moment label="To" value={filter.to} onChange={(to) => set({ to })} />
    </search>
  );
}

/** Shown and typed in the time of whoever looks; in the address in that of the server. */
function Moment({ label, value, onChange }: { label: string; value: string | undefined; onChange: (value: string | undefined) => void }) {
  return (
    <label className="flex items-center gap-2 text-xs text-muted max-sm:basis-full">
      <span className="max-sm:w-9">{label}</span>
      <input
        type="datetime-local"
        className={cx(inputClass, 'h-8 text-xs sm:w-46')}
        value={value ? local(value) : ''}
        onChange={(event) => {
          const moment = new Date(event.target.value);
          onChange(Number.isNaN(moment.getTime()) ? undefined : moment.toISOString());
        }}
      />
    </label>
  );
}

/** `2026-11-27T14:05`, as the browser's own field has it. */
function local(iso: string): string {
  const moment = new Date(iso);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
