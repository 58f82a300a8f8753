// biome-ignore-all lint/suspicious/noTemplateCurlyInString: catalogue templates are what is tested here
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { builtInFolder } from '../src/catalogue.ts';
import { providerSchema } from '../src/json-schema.ts';
import { schemaFile, schemaText } from '../src/json-schema-file.ts';

const schema = providerSchema();
const validate = new Ajv2020({ validateFormats: false, allErrors: true, strictTypes: false }).compile(schema);
const read = (text: string): unknown => parse(text);

test('provider.schema.json is current; `npm run catalogue -- schema` writes it anew', () => {
  expect(readFileSync(schemaFile, 'utf8') === schemaText()).toBe(true);
});

test('editors of this repository use it for the files of the catalogue', () => {
  const settings: unknown = JSON.parse(readFileSync(new URL('../../../.vscode/settings.json', import.meta.url), 'utf8'));
  expect(settings).toMatchObject({ 'yaml.schemas': { 'packages/providers/provider.schema.json': 'packages/providers/catalog/*.yaml' } });
});

test('every file of the catalogue fits', () => {
  const wrong = readdirSync(builtInFolder).flatMap((file) =>
    validate(read(readFileSync(join(builtInFolder, file), 'utf8'))) ? [] : [{ file, errors: validate.errors }],
  );
  expect(wrong).toEqual([]);
});

test('every key is explained where an editor looks', () => {
  const lacking: string[] = [];
  const defs: Record<string, unknown> = Object(schema.$defs);
  const isExplained = (value: unknown): boolean => {
    const { description, $ref } = Object(value);
    return typeof description === 'string' || (typeof $ref === 'string' && isExplained(defs[$ref.replace('#/$defs/', '')]));
  };
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'properties' && !path.includes('.if') && !path.includes('allOf'))
        for (const [name, property] of Object.entries(Object(inner))) if (!isExplained(property)) lacking.push(`${path}.${name}`);
      walk(inner, `${path}.${key}`);
    }
  };
  walk(schema, '');
  expect(lacking).toEqual([]);
});

const minimal = 'display_name: A\ncategories: [other]\ndocs: https://a.example.com\n';
const key = 'credentials: { apiKey: { type: string, title: A, description: B } }\nproxy: { base_url: "https://a.example.com" }\n';

describe('a file that does not fit is marked', () => {
  test.each([
    ['no mode', minimal],
    ['an unknown mode', `${minimal}auth_mode: OAUTH9`],
    ['a key of another mode', `${minimal}auth_mode: NONE\ntoken_url: https://a.example.com`],
    ['an unknown key', `${minimal}auth_mode: NONE\nproxi: {}`],
    ['a key that is missing', `${minimal}auth_mode: OAUTH2\nauthorization_url: https://a.example.com`],
    ['a category that is none', `${minimal.replace('other', 'others')}auth_mode: NONE`],
    ['an API key without its field', `${minimal}auth_mode: API_KEY\n${key.replace('apiKey', 'key')}`],
    ['a value of another type', `${minimal}auth_mode: NONE\nnotes: one`],
    ['a field without a title', `${minimal}auth_mode: NONE\nconnection_config: { a: { type: string, description: B } }`],
    ['null where nothing is inherited', `${minimal}auth_mode: NONE\nproxy: null`],
    ['an unknown key of one that extends', 'extends: slack\nproxi: {}'],
    ['an unknown key deep in one that extends', 'extends: slack\nproxy: { retry: { aft: [x] } }'],
    ['a parent that is no name', 'extends: 7'],
  ])('%s', (_, text) => {
    expect(validate(read(text))).toBe(false);
  });

  test.each([
    ['an API key', `${minimal}auth_mode: API_KEY\n${key}`],
    [
      'one that extends, with one key of a field and of the proxy',
      'extends: slack\nconnection_config: { user_scope: { title: X } }\nproxy: { paginate: { response_path: x } }',
    ],
    ['one that takes keys away', 'extends: slack\nproxy: { paginate: null, retry: { after: null } }\nquirk: null'],
  ])('%s is not', (_, text) => {
    expect(validate(read(text)) || validate.errors).toBe(true);
  });
});
