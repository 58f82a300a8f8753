/** Which runs are captured, to be executed again on a laptop: one word for all, and exceptions. Saved all at once. */
import { type CaptureMode, type CaptureRule, type CaptureSettings, captureModes } from '@bowline/api/captures';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { captureSettingsQuery } from '../../queries.ts';
import { cx } from '../../ui/class-names.ts';
import { Select, SelectField, TextField } from '../../ui/field.tsx';
import { RowInput, RowsCard, useRows } from '../../ui/rows.tsx';

export function CapturedRuns() {
  const { env } = useEnvironment();
  const { data } = useQuery(captureSettingsQuery(env));
  return data ? <Settings key={JSON.stringify(data)} settings={data} /> : null;
}

const words: Readonly<Record<CaptureMode, { label: string; about: string }>> = {
  off: { label: 'None', about: 'Nothing is kept beside the log.' },
  failures: {
    label: 'Those that fail',
    about: 'The run that somebody will ask about is there; others are forgotten as soon as they succeed.',
  },
  sample: { label: 'A sample', about: 'One run in so many, whatever becomes of it.' },
  all: { label: 'All', about: 'Every run: for a while, or for few functions.' },
};
const options = captureModes.map((mode) => [mode, words[mode].label] as const);
const isMode = (text: string): text is CaptureMode => captureModes.some((mode) => mode === text);
const isGeneral = ({ integration, function: name }: CaptureRule) => integration === null && name === null;

type Exception = { integration: string; name: string; mode: CaptureMode; oneIn: string };
type General = { mode: CaptureMode; oneIn: string; days: string };

function generalOf({ keep_days, rules }: CaptureSettings): General {
  const general = rules.find(isGeneral);
  return { mode: general?.mode ?? 'off', oneIn: String(general?.one_in ?? 100), days: String(keep_days) };
}

function exceptionsOf({ rules }: CaptureSettings): Exception[] {
  return rules
    .filter((rule) => !isGeneral(rule))
    .map((rule) => ({ integration: rule.integration ?? '', name: rule.function ?? '', mode: rule.mode, oneIn: String(rule.one_in) }));
}

function settingsOf({ mode, oneIn, days }: General, exceptions: readonly Exception[]): CaptureSettings {
  const general: CaptureRule[] = mode === 'off' ? [] : [{ integration: null, function: null, mode, one_in: Number(oneIn) }];
  const rules = exceptions.map(
    (one): CaptureRule => ({
      integration: one.integration.trim() || null,
      function: one.name.trim() || null,
      mode: one.mode,
      one_in: Number(one.oneIn),
    }),
  );
  return { keep_days: Number(days), rules: [...general, ...rules] };
}

const isWhole = (text: string, max: number): boolean => /^[1-9]\d{0,6}$/.test(text) && Number(text) <= max;

function mistakeOf({ oneIn, days }: General, exceptions: readonly Exception[]): string | undefined {
  if (!isWhole(days, 30)) return 'They are kept for 1 to 30 days';
  if (![oneIn, ...exceptions.map((one) => one.oneIn)].every((text) => isWhole(text, 1_000_000)))
    return 'A sample is one run in 1 to 1,000,000';
  if (exceptions.some((one) => !one.integration.trim() && !one.name.trim())) return 'An exception names an integration or a function';
  return undefined;
}

function Settings({ settings }: { settings: CaptureSettings }) {
  const { api, env } = useEnvironment();
  const [general, setGeneral] = useState(() => generalOf(settings));
  const list = useRows(exceptionsOf(settings));
  const edit = (change: Partial<General>) => setGeneral({ ...general, ...change });
  const draft = [general, list.values] as const;
  const save = useChange({
    run: () => api.captures.updateSettings({ query: {}, body: settingsOf(...draft) }),
    stale: ['captures'],
    said: 'It counts for runs that begin now',
  });
  return (
    <RowsCard
      id="captured-runs"
      title="Captured runs"
      about={
        <>
          What a function asked its provider and was answered, sealed and without credentials, so that bowline replay can execute the run
          again on your machine. It holds data of your users.{' '}
          <Link to="/$env/captures" params={{ env }} className="font-medium text-accent hover:underline">
            See the captured runs
          </Link>
        </>
      }
      noun="exception"
      list={list}
      blank={{ integration: '', name: '', mode: 'all', oneIn: '100' }}
      columns="items-center sm:grid-cols-[1fr_1fr_11rem_6rem]"
      changed={JSON.stringify(draft) !== JSON.stringify([generalOf(settings), exceptionsOf(settings)])}
      mistake={mistakeOf(...draft)}
      save={save}
      onDiscard={() => {
        setGeneral(generalOf(settings));
        list.reset();
      }}
      row={(one, change, number) => <ExceptionFields one={one} number={number} onEdit={change} />}
    >
      <div className={cx('grid gap-4', general.mode === 'sample' ? 'sm:grid-cols-[1fr_10rem_10rem]' : 'sm:grid-cols-[1fr_10rem]')}>
        <SelectField
          label="Runs that are captured"
          help={words[general.mode].about}
          value={general.mode}
          options={options}
          onChange={(mode) => {
            if (isMode(mode)) edit({ mode });
          }}
        />
        {general.mode === 'sample' && (
          <TextField label="One run in" inputMode="numeric" value={general.oneIn} onChange={(oneIn) => edit({ oneIn })} />
        )}
        <TextField label="Kept for, in days" inputMode="numeric" value={general.days} onChange={(days) => edit({ days })} />
      </div>
    </RowsCard>
  );
}

type FieldsProps = { one: Exception; number: number; onEdit: (part: Partial<Exception>) => void };

function ExceptionFields({ one, number, onEdit }: FieldsProps) {
  return (
    <>
      <RowInput
        label={`Integration of exception ${number}`}
        placeholder="any integration"
        value={one.integration}
        onChange={(integration) => onEdit({ integration })}
      />
      <RowInput
        label={`Function of exception ${number}`}
        placeholder="any function"
        value={one.name}
        onChange={(name) => onEdit({ name })}
      />
      <Select
        aria-label={`Which runs of exception ${number}`}
        value={one.mode}
        options={options}
        onChange={(mode) => {
          if (isMode(mode)) onEdit({ mode });
        }}
        className="h-9"
      />
      {one.mode === 'sample' && (
        <RowInput
          label={`One run in, of exception ${number}`}
          inputMode="numeric"
          value={one.oneIn}
          onChange={(oneIn) => onEdit({ oneIn })}
        />
      )}
    </>
  );
}
