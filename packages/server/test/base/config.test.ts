import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../../src/base/config.ts';
import { describeSettings } from '../../src/base/config-settings.ts';
import { createAuthority } from '../certificates.ts';

const refusals = (env: Record<string, string>) => {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.wrong;
    throw error;
  }
  return [];
};

test('an empty environment gives the documented defaults', () => {
  const config = parseConfig({});
  expect(config).toMatchObject({ port: 3003, publicUrl: 'http://localhost:3003', demo: true, logLevel: 'info', databaseUrl: undefined });
  expect(config.home).toMatch(/\/\.bowline$/);
  expect(config.secretKeys.size).toBe(0);
});

test('the public URL follows the port', () => {
  expect(parseConfig({ PORT: '21001' }).publicUrl).toBe('http://localhost:21001');
  expect(parseConfig({ PORT: '21001', BOWLINE_PUBLIC_URL: 'https://bowline.example/' }).publicUrl).toBe('https://bowline.example');
});

test('all wrong values are refused at once, with what was given and what is allowed', () => {
  const wrong = refusals({
    PORT: '70000',
    BOWLINE_DEMO: 'yes',
    BOWLINE_LOG_LEVEL: 'loud',
    BOWLINE_PUBLIC_URL: 'ftp://x',
    BOWLINE_PROVIDERS: '/nowhere',
  });
  expect(wrong).toHaveLength(5);
  expect(wrong).toContain('PORT: "70000" is not a whole number from 0 to 65535 (0 takes any free port)');
  expect(wrong).toContain('BOWLINE_DEMO: "yes" is not 0 or 1');
});

test('roles: a list of those there are, and alone on a Postgres server only', () => {
  const DATABASE_URL = 'postgres://db/x';
  expect([...parseConfig({}).roles]).toEqual(['api', 'worker', 'scheduler']);
  expect([...parseConfig({ BOWLINE_ROLES: 'worker, scheduler', DATABASE_URL }).roles]).toEqual(['worker', 'scheduler']);
  expect(refusals({ BOWLINE_ROLES: 'api,leader', DATABASE_URL })).toEqual([
    'BOWLINE_ROLES: "api,leader" is not all, or a comma list of api, worker and scheduler',
  ]);
  expect(refusals({ BOWLINE_ROLES: 'worker' }).join()).toMatch(/those need DATABASE_URL: the embedded Postgres serves one process alone/);
});

test('the values of secrets never appear in the complaint', () => {
  const env = {
    DATABASE_URL: 'mysql://u:hunter2@db/x',
    BOWLINE_ENCRYPTION_KEY: 'hunter2',
    BOWLINE_SECRET_KEY_DEV: 'hunter2',
    BOWLINE_ADMIN_PASSWORD: 'hunter2',
  };
  expect(refusals(env)).toHaveLength(4);
  expect(refusals(env).join('\n')).not.toContain('hunter2');
});

const key = (fill: number) => Buffer.alloc(32, fill).toString('base64');

test('encryption keys: one alone is version 1, in a list the first one seals', () => {
  expect(parseConfig({ BOWLINE_ENCRYPTION_KEY: key(7) }).encryptionKeys).toEqual({ current: 1, keys: new Map([[1, Buffer.alloc(32, 7)]]) });
  const rotated = parseConfig({ BOWLINE_ENCRYPTION_KEY: `2:${key(8)}, 1:${key(7)}` }).encryptionKeys;
  expect(rotated).toMatchObject({ current: 2 });
});

test.each([
  ['31 bytes', Buffer.alloc(31).toString('base64')],
  ['not base64', '!'.repeat(44)],
  ['a list without versions', `${key(1)},${key(2)}`],
  ['one version twice', `1:${key(1)},1:${key(2)}`],
])('an encryption key is refused: %s', (_, value) => {
  expect(refusals({ BOWLINE_ENCRYPTION_KEY: value })).toHaveLength(1);
});

test('secret keys take both prefixes, ours first, and must be UUID v4', () => {
  const [ours, theirs] = ['0d8ff4c7-62a4-4f0e-9cf5-a2b1a1b5a7c1', '7f2d5b1e-3a54-4a4c-8d5d-0c0c6d8f9e11'];
  const { secretKeys } = parseConfig({ NANGO_SECRET_KEY_DEV: theirs, BOWLINE_SECRET_KEY_DEV: ours, NANGO_SECRET_KEY_PROD: theirs });
  expect([...secretKeys]).toEqual([
    ['dev', ours],
    ['prod', theirs],
  ]);
  expect(refusals({ BOWLINE_SECRET_KEY_DEV: '0d8ff4c7-62a4-1f0e-9cf5-a2b1a1b5a7c1' })[0]).toMatch(
    /^BOWLINE_SECRET_KEY_DEV: .* not a UUID v4/,
  );
});

test('outbound allowances are hosts, host:port pairs and networks', () => {
  const { outboundAllow } = parseConfig({
    BOWLINE_OUTBOUND_ALLOW: 'Intranet.local, localhost:4000,10.1.0.0/16,[::1]:80,fd00::/8,127.0.0.1',
  });
  expect(outboundAllow).toEqual(['Intranet.local', 'localhost:4000', '10.1.0.0/16', '[::1]:80', 'fd00::/8', '127.0.0.1']);
  expect(parseConfig({}).outboundAllow).toEqual([]);
});

test.each(['10.0.0.0/33', 'host/8', 'a b', 'host:99999', 'http://host', '*.internal'])('an outbound allowance is refused: %s', (value) => {
  expect(refusals({ BOWLINE_OUTBOUND_ALLOW: value })).toHaveLength(1);
});

test('further authorities are certificates in PEM; anything else stops the start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-ca-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const [one, two] = [await createAuthority('one'), await createAuthority('two')];
  const both = parseConfig({ BOWLINE_OUTBOUND_CA: file('both.pem', `a comment\n${one.cert}\n${two.cert}`) }).outboundAuthorities;
  expect(both?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  for (const wrong of [
    join(folder, 'none.pem'),
    file('empty.pem', ''),
    file('key.pem', one.key),
    file('cut.pem', one.cert.replace(/M/, '!')),
  ])
    expect(refusals({ BOWLINE_OUTBOUND_CA: wrong })).toHaveLength(1);
});

test('processor time is given by kind; what is not named keeps its default', () => {
  const usual = { sync: 3600, action: 300, webhook: 300, 'on-event': 60 };
  expect(parseConfig({}).functionCpuSeconds).toEqual(usual);
  expect(parseConfig({ BOWLINE_FUNCTION_CPU_SECONDS: 'sync:7200, action:0' }).functionCpuSeconds).toEqual({
    ...usual,
    sync: 7200,
    action: 0,
  });
  for (const wrong of ['60', 'sync', 'sync:-1', 'sync:1h', 'job:5', 'sync:86401', 'constructor:1'])
    expect(refusals({ BOWLINE_FUNCTION_CPU_SECONDS: wrong })).toHaveLength(1);
});

test('docs/configuration.md shows the table as it is', () => {
  const page = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');
  const squeeze = (text: string) => text.replace(/ +/g, ' ').replace(/-+/g, '-'); // the formatter pads the columns
  expect(squeeze(page)).toContain(squeeze(describeSettings()));
});

test('older names are read where ours is absent, and a complaint names the one that was used', () => {
  expect(parseConfig({ DEFAULT_RATE_LIMIT_PER_MIN: '200' }).rateLimitPerMinute).toBe(200);
  expect(parseConfig({ DEFAULT_RATE_LIMIT_PER_MIN: '200', BOWLINE_RATE_LIMIT_PER_MINUTE: '0' }).rateLimitPerMinute).toBe(0);
  expect(refusals({ DEFAULT_RATE_LIMIT_PER_MIN: 'many' })).toEqual([expect.stringMatching(/^DEFAULT_RATE_LIMIT_PER_MIN: "many" is not /)]);
});

test.each([
  ['512kb', 512 * 1024],
  ['1.5mb', 1.5 * 1024 * 1024],
  ['75MB', 75 * 1024 * 1024],
  ['2048', 2048],
])('a body limit of %s is %i bytes', (given, bytes) => {
  expect(parseConfig({ NANGO_SERVER_PUBLIC_BODY_LIMIT: given }).bodyLimitBytes).toBe(bytes);
});

test.each(['1gb', '100', 'mb', '-1mb', '1e3'])('a body limit of %s is refused', (given) => {
  expect(refusals({ BOWLINE_BODY_LIMIT: given })).toHaveLength(1);
});
