/** A form of a provider's fields, from definitions as the catalogue writes them. */
import { type FormField, fieldId, fieldsOf, isComplete, isShown, refusal, startingValues, valuesOf } from '@bowline/api/form';
import { expect, test } from 'vitest';

const provider = {
  credentials: {
    password: { type: 'string', title: 'Password', description: '', secret: true },
    username: { type: 'string', title: 'User', description: '', order: 1 },
  },
  connection_config: {
    subdomain: { type: 'string', title: 'Subdomain', description: '', pattern: '^[a-z]+$', example: 'acme', prefix: 'https://', order: 2 },
    region: { type: 'string', title: 'Region', description: '', enum: ['eu', 'us'] },
    hidden: { type: 'string', title: '', description: '', hidden: true, default_value: 'kept' },
    token: { type: 'string', title: '', description: '', automated: true },
  },
  assertion_option: { key: { title: 'Key', description: '' } },
};
const fields = fieldsOf(provider, ['connection_config', 'credentials', 'assertion_option']);
const named = (name: string): FormField => {
  const found = fields.find((field) => field.name === name);
  if (!found) throw new Error(`no field ${name}`);
  return found;
};

test('fields are asked in their order, credentials without one last, and never those the platform fills in', () => {
  expect(fields.map(({ name }) => name)).toEqual(['region', 'username', 'subdomain', 'hidden', 'password', 'key']);
});

test('a required choice starts with its first option and a hidden field with its default', () => {
  const values = startingValues(fields);
  expect(values[fieldId(named('region'))]).toBe('eu');
  expect(valuesOf(fields, values, 'connection_config')).toEqual({ region: 'eu', hidden: 'kept' });
});

test('a hidden field is not shown, and still sent', () => {
  expect(isShown(named('hidden'), {})).toBe(false);
});

test('what was typed is sent as it is, without the prefix shown beside it', () => {
  const values = { ...startingValues(fields), 'connection_config.subdomain': 'acme' };
  expect(valuesOf(fields, values, 'connection_config')).toMatchObject({ subdomain: 'acme' });
});

test.each([
  ['pattern', { pattern: '^[a-z]+$' }, 'ACME 1'],
  ['needed', {}, ''],
  ['hostname', { format: 'hostname' }, 'not a host'],
  ['uri', { format: 'uri' }, 'ftp://x'],
  ['uuid', { format: 'uuid' }, '1'],
  ['email', { format: 'email' }, 'ann'],
  [undefined, { optional: true }, ''],
  [undefined, { default_value: 'x' }, ''],
  [undefined, { pattern: '^[a-z]+$' }, 'acme'],
  [undefined, { format: 'of tomorrow' }, 'x'],
  [undefined, { pattern: '(' }, 'x'],
])('a value is refused for what is wrong with it: %s', (kind, field, value) => {
  expect(refusal({ title: '', description: '', ...field }, value)).toBe(kind);
});

test('a form is complete when every field that is shown may be sent', () => {
  const values = { ...startingValues(fields), 'credentials.username': 'u', 'credentials.password': 'p', 'assertion_option.key': 'k' };
  expect(isComplete(fields, values)).toBe(false);
  expect(isComplete(fields, { ...values, 'connection_config.subdomain': 'acme' })).toBe(true);
});

test('a field that is shown only beside a certain choice follows that choice', () => {
  const [, header] = fieldsOf(
    {
      integration_config: {
        place: { title: 'Place', description: '', enum: ['header', 'query'] },
        header: { title: 'Header', description: '', visible_when: { field: 'place', equals: 'header' } },
      },
    },
    ['integration_config'],
  );
  if (!header) throw new Error('two fields were defined');
  expect(isShown(header, { 'integration_config.place': 'header' })).toBe(true);
  expect(isShown(header, { 'integration_config.place': 'query' })).toBe(false);
});
