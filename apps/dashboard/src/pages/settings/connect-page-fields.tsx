/** Inputs of the look of the Connect UI: colours, CSS variables, a logo that becomes part of the settings. */
import { colourPattern, LOGO_MAX, logoPattern, type VariableName, variablePatterns } from '@bowline/api/appearance';
import { useId, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Field, inputClass, TextField } from '../../ui/field.tsx';

export const isColour = (text: string) => colourPattern.test(text);

type ColourProps = { label: string; value: string; onChange: (value: string) => void };

export function ColourField({ label, value, onChange }: ColourProps) {
  const error = isColour(value) ? undefined : 'Write the colour as #rrggbb';
  return (
    <Field label={label} error={error}>
      {(ids) => (
        <div className="flex gap-2">
          <input
            type="color"
            aria-label={`${label}, picked`}
            value={isColour(value) && value.length === 7 ? value : '#000000'}
            onChange={(event) => onChange(event.target.value)}
            className="h-9 w-11 shrink-0 rounded-lg border border-line-strong/80 bg-panel p-1"
          />
          <input
            {...ids}
            spellCheck={false}
            value={value}
            onChange={(event) => onChange(event.target.value)}
            className={`${inputClass} h-9 font-mono`}
          />
        </div>
      )}
    </Field>
  );
}

const examples: Record<VariableName, string> = {
  '--canvas': '#f7f8fa',
  '--panel': '#ffffff',
  '--sunken': '#f1f3f6',
  '--line': '#e0e4ea',
  '--ink': '#161c27',
  '--muted': '#545d6c',
  '--radius': '10px',
  '--font': 'Avenir Next, sans-serif',
};

export function VariableField({ name, value, onChange }: { name: VariableName; value: string; onChange: (value: string) => void }) {
  const fits = value === '' || variablePatterns[name].test(value);
  return (
    <TextField
      mono
      label={name}
      placeholder={examples[name]}
      value={value}
      onChange={onChange}
      error={fits ? undefined : `Write it like ${examples[name]}`}
    />
  );
}

export function LogoField({ logo, onChange }: { logo: string | null; onChange: (logo: string | null) => void }) {
  const id = useId();
  const [refused, setRefused] = useState<string>();
  const take = async (file: File | undefined) => {
    if (!file) return;
    const text = await addressOf(file);
    const fits = text.length <= LOGO_MAX && logoPattern.test(text);
    setRefused(fits ? undefined : 'Choose a PNG, JPEG, WebP, GIF or SVG of at most 48 KB');
    if (fits) onChange(text);
  };
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="font-medium">
        Logo
      </label>
      <div className="flex flex-wrap items-center gap-3">
        {logo && <img src={logo} alt="The logo" className="max-h-9 max-w-32 object-contain" />}
        <input
          id={id}
          type="file"
          accept="image/png,image/jpeg,image/webp,image/gif,image/svg+xml"
          onChange={(event) => void take(event.target.files?.[0])}
        />
        {logo && (
          <Button size="small" onClick={() => onChange(null)}>
            Remove the logo
          </Button>
        )}
      </div>
      {refused && (
        <p role="alert" className="text-xs text-bad">
          {refused}
        </p>
      )}
    </div>
  );
}

function addressOf(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
