/** The fields of a connect form, taken from definitions as the catalogue writes them. */
import { expect, test } from 'vitest';
import { type ConnectField, fieldId, fieldsOf, isShown, refusal, startingValues, valuesOf } from '../src/connect/fields.ts';

const provider = {
  auth_mode: 'BASIC',
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
};
const fields = fieldsOf(provider, ['connection_config', 'credentials']);
const named = (name: string): ConnectField => {
  const found = fields.find((field) => field.name === name);
  if (!found) throw new Error(`no field ${name}`);
  return found;
};

test('fields are asked in their order, credentials without one last, and never those the platform fills in', () => {
  expect(fields.map(({ name }) => name)).toEqual(['region', 'username', 'subdomain', 'hidden', 'password']);
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

test('a refusal names the field and shows an example', () => {
  expect(refusal(named('subdomain'), 'ACME 1')).toBe('Subdomain does not look right; it should look like acme');
  expect(refusal(named('password'), '')).toBe('Password is needed');
  expect(refusal(named('subdomain'), 'acme')).toBeUndefined();
});

test('a field that is shown only beside a certain choice follows that choice', () => {
  const [key, name] = fieldsOf(
    {
      integration_config: {
        place: { title: 'Place', description: '', enum: ['header', 'query'] },
        header: { title: 'Header', description: '', visible_when: { field: 'place', equals: 'header' } },
      },
    },
    ['integration_config'],
  );
  if (!key || !name) throw new Error('two fields were defined');
  expect(isShown(name, { 'integration_config.place': 'header' })).toBe(true);
  expect(isShown(name, { 'integration_config.place': 'query' })).toBe(false);
});

test('a definition that is no definition gives no fields instead of an error', () => {
  expect(fieldsOf({ credentials: 'nonsense' }, ['credentials'])).toEqual([]);
});
