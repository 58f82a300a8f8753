import { describe, expect, test } from 'vitest';
import { bareValue, checkValues, type Field } from '../src/field.ts';

const field = (rules: Partial<Field> = {}): Field => ({ type: 'string', title: 'Name', description: '', automated: false, ...rules });
const subdomain = field({ title: 'Subdomain', prefix: 'https://', suffix: '.zendesk.com', pattern: '[a-z0-9-]+' });
const host = field({ title: 'Host', prefix: 'https://', format: 'hostname' });

describe('what a person pastes is taken for what is asked', () => {
  test.each([
    [subdomain, 'acme', 'acme'],
    [subdomain, 'https://acme.zendesk.com', 'acme'],
    [subdomain, ' HTTP://acme.Zendesk.com/agent/dashboard?x=1 ', 'acme'],
    [subdomain, 'acme.zendesk.com', 'acme'],
    [subdomain, 'https://acme', 'acme'],
    [subdomain, 'https://acme.zendesk.com.evil.test', 'acme.zendesk.com.evil.test'],
    [subdomain, '.zendesk.com', '.zendesk.com'],
    [host, 'https://api.acme.test/v1', 'api.acme.test'],
    [host, 'api.acme.test', 'api.acme.test'],
    [field({ suffix: '-api', prefix: 'id:' }), 'my-api', 'my-api'],
    [field({ suffix: '-api', prefix: 'id:' }), 'id:my-api', 'my'],
    [field({ prefix: 'https://', secret: true }), 'https://kept ', 'https://kept '],
    [field(), ' kept ', ' kept '],
  ])('%j %j', (definition, given, bare) => {
    expect(bareValue(definition, given)).toBe(bare);
  });
});

test('all fields are checked at once, and what no field declares passes', () => {
  const fields = { subdomain, region: field({ title: 'Region', enum: ['eu', 'us'] }), note: field({ title: 'Note', optional: true }) };
  expect(checkValues(fields, { subdomain: 'https://acme.zendesk.com', region: 'asia', own: { deep: 1 } })).toEqual({
    values: { subdomain: 'acme', region: 'asia', own: { deep: 1 } },
    refused: [{ name: 'region', message: 'Region must be one of eu, us' }],
  });
  expect(checkValues(fields, {}).refused.map(({ name }) => name)).toEqual(['subdomain', 'region']);
  expect(checkValues(fields, { region: 7 }, { partial: true }).refused.map(({ name }) => name)).toEqual(['region']);
});

test('a hidden field is never missed, and its default stands in for nothing or an empty text', () => {
  const fields = {
    password: field({ hidden: true, default_value: 'X' }),
    other: field({ hidden: true }),
    shown: field({ default_value: 'd' }),
  };
  expect(checkValues(fields, { password: '' })).toEqual({ values: { password: 'X' }, refused: [] });
  expect(checkValues(fields, {}, { defaults: 'all' }).values).toEqual({ password: 'X', shown: 'd' });
  expect(checkValues(fields, { password: 'own' }).values).toEqual({ password: 'own' });
});

test('what the platform fills is neither asked for nor checked', () => {
  expect(checkValues({ instance: field({ automated: true, pattern: '[a-z]' }) }, { instance: 'NOT' }).refused).toEqual([]);
});

test('a field that another one switches off is not asked for, nor one below it', () => {
  const fields = {
    mode: field({ enum: ['builtin', 'custom'], default_value: 'builtin' }),
    auth: field({ enum: ['none', 'key'], default_value: 'none', visible_when: { field: 'mode', equals: 'custom' } }),
    key: field({ title: 'Key', visible_when: { field: 'auth', equals: 'key' } }),
    own: field({ title: 'Own', visible_when: { field: 'mode', equals: 'builtin' } }),
  };
  const names = (given: Record<string, unknown>) => checkValues(fields, given).refused.map(({ name }) => name);
  expect(names({})).toEqual(['own']);
  expect(names({ mode: 'custom' })).toEqual([]);
  expect(names({ mode: 'custom', auth: 'key' })).toEqual(['key']);
  expect(names({ mode: 'builtin', auth: 'key', own: 'x' })).toEqual([]);
});
