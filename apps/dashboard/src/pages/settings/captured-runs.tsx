/** Which runs are captured, to be executed again on a laptop: one word for all, and exceptions. Saved all at once. */
import { type CaptureMode, type CaptureRule, type CaptureSettings, captureModes } from '@bowline/api/captures';
import { useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { captureSettingsQuery } from '../../queries.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { cx } from '../../ui/class-names.ts';
import { inputClass, Select, SelectField, TextField } from '../../ui/field.tsx';

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

type Exception = { key: number; integration: string; name: string; mode: CaptureMode; oneIn: string };
type Draft = { mode: CaptureMode; oneIn: string; days: string; exceptions: Exception[] };

function draftOf({ keep_days, rules }: CaptureSettings): Draft {
  const general = rules.find(isGeneral);
  const exceptions = rules
    .filter((rule) => !isGeneral(rule))
    .map((rule, key) => ({
      key,
      integration: rule.integration ?? '',
      name: rule.function ?? '',
      mode: rule.mode,
      oneIn: String(rule.one_in),
    }));
  return { mode: general?.mode ?? 'off', oneIn: String(general?.one_in ?? 100), days: String(keep_days), exceptions };
}

function settingsOf({ mode, oneIn, days, exceptions }: Draft): CaptureSettings {
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

function mistakeOf({ oneIn, days, exceptions }: Draft): string | undefined {
  if (!isWhole(days, 30)) return 'They are kept for 1 to 30 days';
  if (![oneIn, ...exceptions.map((one) => one.oneIn)].every((text) => isWhole(text, 1_000_000)))
    return 'A sample is one run in 1 to 1,000,000';
  if (exceptions.some((one) => !one.integration.trim() && !one.name.trim())) return 'An exception names an integration or a function';
  return undefined;
}

function Settings({ settings }: { settings: CaptureSettings }) {
  const { api } = useEnvironment();
  const [draft, setDraft] = useState(() => draftOf(settings));
  const edit = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const mistake = mistakeOf(draft);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(draftOf(settings));
  const save = useChange({
    run: () => api.captures.updateSettings({ query: {}, body: settingsOf(draft) }),
    stale: ['captures'],
    said: 'It counts for runs that begin now',
  });
  const add = () => {
    const key = Math.max(-1, ...draft.exceptions.map((one) => one.key)) + 1;
    edit({ exceptions: [...draft.exceptions, { key, integration: '', name: '', mode: 'all', oneIn: '100' }] });
  };
  const change = (key: number, part: Partial<Exception>) =>
    edit({ exceptions: draft.exceptions.map((one) => (one.key === key ? { ...one, ...part } : one)) });
  return (
    <Card
      title="Captured runs"
      about="What a function asked its provider and was answered, sealed and without credentials, so that bowline replay can execute the run again on your machine. It holds data of your users."
      actions={
        <Button icon={<Plus aria-hidden className="size-4" />} onClick={add}>
          Add exception
        </Button>
      }
      footer={
        isChanged && (
          <>
            <span className="flex-1 text-bad">{mistake}</span>
            <Button onClick={() => setDraft(draftOf(settings))}>Discard</Button>
            <Button tone="solid" busy={save.isPending} disabled={mistake !== undefined} onClick={() => save.mutate()}>
              Save
            </Button>
          </>
        )
      }
    >
      <div className={cx('grid gap-4', draft.mode === 'sample' ? 'sm:grid-cols-[1fr_10rem_10rem]' : 'sm:grid-cols-[1fr_10rem]')}>
        <SelectField
          label="Runs that are captured"
          help={words[draft.mode].about}
          value={draft.mode}
          options={options}
          onChange={(mode) => {
            if (isMode(mode)) edit({ mode });
          }}
        />
        {draft.mode === 'sample' && (
          <TextField label="One run in" inputMode="numeric" value={draft.oneIn} onChange={(oneIn) => edit({ oneIn })} />
        )}
        <TextField label="Kept for, in days" inputMode="numeric" value={draft.days} onChange={(days) => edit({ days })} />
      </div>
      {draft.exceptions.length > 0 && (
        <ul className="mt-4 flex flex-col gap-3" aria-label="Exceptions">
          {draft.exceptions.map((one, index) => (
            <ExceptionRow
              key={one.key}
              one={one}
              number={index + 1}
              onEdit={(part) => change(one.key, part)}
              onRemove={() => edit({ exceptions: draft.exceptions.filter(({ key }) => key !== one.key) })}
            />
          ))}
        </ul>
      )}
    </Card>
  );
}

type RowProps = { one: Exception; number: number; onEdit: (part: Partial<Exception>) => void; onRemove: () => void };

function ExceptionRow({ one, number, onEdit, onRemove }: RowProps) {
  const input = `${inputClass} h-9 font-mono text-xs`;
  return (
    <li className="grid grid-cols-[1fr_auto] items-center gap-2 sm:grid-cols-[1fr_1fr_11rem_6rem_auto]">
      <input
        aria-label={`Integration of exception ${number}`}
        placeholder="any integration"
        spellCheck={false}
        value={one.integration}
        onChange={(event) => onEdit({ integration: event.target.value })}
        className={`${input} max-sm:col-span-2`}
      />
      <input
        aria-label={`Function of exception ${number}`}
        placeholder="any function"
        spellCheck={false}
        value={one.name}
        onChange={(event) => onEdit({ name: event.target.value })}
        className={`${input} max-sm:col-span-2`}
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
      {one.mode === 'sample' ? (
        <input
          aria-label={`One run in, of exception ${number}`}
          inputMode="numeric"
          value={one.oneIn}
          onChange={(event) => onEdit({ oneIn: event.target.value })}
          className={`${input} max-sm:col-start-1`}
        />
      ) : (
        <span className="max-sm:hidden" />
      )}
      <IconButton label={`Remove exception ${number}`} onClick={onRemove} className="max-sm:row-start-3 max-sm:col-start-2">
        <X aria-hidden className="size-4" />
      </IconButton>
    </li>
  );
}
