/** Gates on what people are asked for: every field explains itself, and takes what it says it takes. */
import { type Field, refuseValue } from '../field.ts';
import { sampleValue } from '../sample.ts';
import { type Finding, fieldsOf, type Gate } from './finding.ts';

export const fieldGate: Gate = (definition) =>
  fieldsOf(definition).flatMap(([path, field]) => [...texts(path, field), ...ownValues(path, field)]);

function texts(path: string, field: Field): Finding[] {
  const asked = !(field.hidden || field.automated);
  const typed = asked && !field.optional && !field.secret && !field.enum && field.default_value === undefined;
  return [
    ...(field.title.trim() === '' ? [{ path: `${path}.title`, message: 'is empty; name the field as the provider does' }] : []),
    ...(asked && field.description.trim() === ''
      ? [{ path: `${path}.description`, message: 'is empty; say what it is and where it is found' }]
      : []),
    ...(typed && !field.example
      ? [{ path: `${path}.example`, message: 'is missing; a required text that is not secret shows its form' }]
      : []),
  ];
}

/** A default value may be empty or a template, which no pattern describes. */
function ownValues(path: string, field: Field): Finding[] {
  const own: [string, string | undefined][] = [
    ['example', field.example],
    ['default_value', field.default_value],
    ...(field.enum ?? []).map((value, index): [string, string] => [`enum.${index}`, value]),
  ];
  const wrong = own.flatMap(([key, value]) => {
    const refusal = value ? refuseValue(field, value) : undefined;
    return refusal === undefined
      ? []
      : [{ path: `${path}.${key}`, message: `${refusal}: mend it, or the pattern, format or enum beside it` }];
  });
  const known = wrong.length > 0 || sampleValue(field) !== undefined;
  return known
    ? wrong
    : [{ path: `${path}.example`, message: 'is missing; without one nothing tries this pattern (a made-up value will do)' }];
}
