/** Each vendor's token requests, as its documentation has them, made by the catalogue's own entry and answered as the vendor answers. */
import { describe, expect, test } from 'vitest';
import type { Granted } from '../src/credentials/auth-mode.ts';
import { modes } from '../src/credentials/modes.ts';
import { missingQuirks, quirks } from '../src/credentials/quirks/quirks.ts';
import { answer, connect, failure, integration, livesSeconds, redirectUri, renew, tokens, vendor, world } from './connecting.ts';
import { catalogue } from './credentials-world.ts';
import { type Case, cases, type Wanted } from './quirk-cases.ts';

function check(wanted: Wanted): void {
  const [asked] = vendor.asked;
  expect(asked).toMatchObject({
    method: wanted.method ?? 'POST',
    url: wanted.url,
    query: wanted.query ?? {},
    headers: { accept: 'application/json', ...wanted.headers },
  });
  if (wanted.body) {
    expect(asked?.body).toEqual(wanted.body);
    expect(asked?.headers['content-type']).toBe(wanted.type ?? 'application/x-www-form-urlencoded');
  }
  for (const name of wanted.without ?? []) expect(asked?.headers).not.toHaveProperty(name);
}

function checkGrant(grant: Granted, becomes: Case['becomes']): void {
  const { lives, config = {}, account, ...named } = becomes;
  expect(tokens(grant)).toMatchObject(named);
  if ('lives' in becomes) expect(livesSeconds(grant)).toBe(lives);
  expect(grant.connectionConfig).toMatchObject(config);
  if (account !== undefined) expect(grant.account).toBe(account);
}

describe('a code is exchanged and a token renewed exactly as documented by', () => {
  test.each(cases.map((one) => [one.provider, one] as const))('%s', async (provider, one) => {
    answer(`POST ${one.exchange.url}`, one.answers);
    const first = await connect(provider, one);
    check(one.exchange);
    expect(vendor.asked).toHaveLength(1);
    checkGrant(first, one.becomes);
    if (!one.refresh) {
      expect(modes.OAUTH2.renews({ credentials: first.credentials, integration: integration(provider) })).toBe(false);
      return;
    }
    answer(`POST ${one.refresh.url}`, one.refresh.answers);
    const second = await renew(provider, first, one);
    check(one.refresh);
    expect(vendor.asked).toHaveLength(1);
    checkGrant(second, one.refresh.becomes);
  });
});

test('every quirk that the catalogue names exists, and a name nobody wrote is told with its file', () => {
  expect(missingQuirks(catalogue.list())).toEqual([]);
  const provider = catalogue.get('slack');
  if (provider?.auth_mode !== 'OAUTH2') throw new Error('slack is missing');
  const wrong = { ...provider, quirk: 'slak', post_connection_script: 'slack', pre_connection_deletion_script: 'hubspot' };
  expect(missingQuirks([wrong])).toEqual([
    'slack: quirk: there is no quirk "slak" for this',
    'slack: post_connection_script: there is no quirk "slack" for this',
  ]);
  expect(Object.keys(quirks).length).toBeGreaterThan(45);
});

test('eBay sends a person back to the address that it knows by its RuName, and without one nobody is sent there', async () => {
  const start = (custom: Record<string, string>) =>
    modes.OAUTH2.start(world, { integration: integration('ebay', { custom }), connectionConfig: {}, redirectUri, state: 's-1' });
  const started = await start({ ruName: 'Acme-AcmeApp-PRD-1' });
  expect(started.kind === 'redirect' && new URL(started.url).searchParams.getAll('redirect_uri')).toEqual(['Acme-AcmeApp-PRD-1']);
  expect(await failure(Promise.resolve().then(() => start({})))).toMatchObject({ code: 'url_param_err' });
});

test('a callback cannot send the client and the code to an address that is not the vendor’s', async () => {
  const error = await failure(connect('zoho-crm', { query: { 'accounts-server': 'https://accounts.zoho.eu.evil.test' } }));
  expect(error).toMatchObject({ code: 'callback_err' });
  expect(vendor.asked).toEqual([]);
  expect(await failure(connect('walmart'))).toMatchObject({ code: 'url_param_err' }); // without a seller there is no request to make
  expect(vendor.asked).toEqual([]);
});
