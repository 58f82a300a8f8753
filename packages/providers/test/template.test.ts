// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates are what is tested here
import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { fillTemplate, placeholders } from '../src/template.ts';
import { fillUrl } from '../src/url-template.ts';

const scope = {
  now: new Date('2026-03-01T00:00:00.500Z'),
  random: () => 'r-1',
  values: {
    apiKey: 'k',
    connectionConfig: {
      sub: 'acme',
      empty: '',
      'team.id': 'T1',
      deep: { 'a.b': 'x' },
      'accounts-server': 'https://accounts.zoho.eu',
      port: 8080,
    },
    credentials: { username: 'u', password: 'p,w', list: ['no'] },
    metadata: { nested: { id: 7, on: false } },
    nasty: "${apiKey} $& $1 $$ `$' \\0",
  },
};

test.each([
  ['plain', 'plain'],
  ['', ''],
  ['a || b', 'a || b'],
  ['${apiKey}', 'k'],
  ['${ apiKey }', 'k'],
  ['Bearer ${apiKey}', 'Bearer k'],
  ['${connectionConfig.sub}/${metadata.nested.id}/${metadata.nested.on}', 'acme/7/false'],
  ['${connection_config.sub}', 'acme'],
  ['${connectionConfig.team.id} ${connectionConfig.deep.a.b}', 'T1 x'],
  ['${connectionConfig.accounts-server}', 'https://accounts.zoho.eu'],
  ['${connectionConfig.version} || 2022-11-28', '2022-11-28'],
  ['${connectionConfig.empty} || fallback', 'fallback'],
  ['${connectionConfig.sub} || fallback', 'acme'],
  ['x-${connectionConfig.empty}-y', 'x--y'],
  ['${nope} || ${neither} || ${apiKey}', 'k'],
  ['Basic ${base64(${credentials.username}:${credentials.password})}', `Basic ${Buffer.from('u:p,w').toString('base64')}`],
  ['${base64(${base64(a)})}', Buffer.from(Buffer.from('a').toString('base64')).toString('base64')],
  ['${sha256Hex(a)}', 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'],
  ['${hmacSha1Hex(a,b, ${apiKey})}', 'a8e324e465ecc15089ce5faf017e7a0e8113d584'],
  ['${now}', '2026-03-01T00:00:00.500Z'],
  ['${now:X} ${now:x}', '1772323200 1772323200500'],
  ['${random}', 'r-1'],
  ['${nasty}', "${apiKey} $& $1 $$ `$' \\0"],
  ['${base64(${nasty})}', Buffer.from("${apiKey} $& $1 $$ `$' \\0").toString('base64')],
  ['open ${apiKey', 'open ${apiKey'],
  ['$apiKey {apiKey} }{', '$apiKey {apiKey} }{'],
])('%s becomes %s', (template, text) => {
  expect(fillTemplate(template, scope)).toEqual({ text, unresolved: [] });
});

test.each([
  ['${nope}', ['nope']],
  ['a ${connectionConfig.nope} b ${nope} ${nope}', ['connectionConfig.nope', 'nope']],
  ['${x.y} || ${z}', ['x.y', 'z']],
  ['${base64(${credentials.nope})}', ['credentials.nope']],
  [
    '${__proto__} ${constructor.name} ${connectionConfig.__proto__.toString}',
    ['__proto__', 'constructor.name', 'connectionConfig.__proto__.toString'],
  ],
  ['${credentials}', ['credentials']],
  ['${credentials.list}', ['credentials.list']],
  ['${unknownFunction(1)}', ['unknownFunction(1)']],
  ['${now+1:fortnight:X}', ['now+1:fortnight:X']],
  ['${nowhere}', ['nowhere']],
  ['${ed25519Sign(x, ${apiKey})}', ['ed25519Sign()']],
  ['${fingerprint(x)}', ['fingerprint()']],
  ['${awsSigV4(a, b, c, d)} ${method}', ['awsSigV4()', 'method']],
  ['${}', ['']],
])('%s reports what it could not resolve', (template, unresolved) => {
  expect(fillTemplate(template, scope).unresolved).toEqual(unresolved);
});

test('placeholders are listed once, those inside functions and alternatives included', () => {
  expect(placeholders('${a.b} || ${base64(${c}:${a.b})}')).toEqual(['a.b', 'c']);
});

test.each([
  ['https://${connectionConfig.sub}.zendesk.com/oauth', 'https://acme.zendesk.com/oauth'],
  ['https://api.test/${metadata.nested.id}/${evil}', 'https://api.test/7/..%2F%3Fq%3D%23'],
  ['${connectionConfig.accounts-server}/oauth/v2/token', 'https://accounts.zoho.eu/oauth/v2/token'],
  ['https://api.test:${connectionConfig.port}/', 'https://api.test:8080/'],
  ['https://api.test/token?key=a%20b', 'https://api.test/token?key=a%20b'],
])('%s becomes the URL %s', (template, url) => {
  const filled = fillUrl(template, { values: { ...scope.values, evil: '../?q=#' } });
  expect(filled.ok && filled.url.href).toBe(url);
});

test.each([['evil.test/'], ['evil.test#'], ['evil.test?x='], ['a@evil.test:1'], ['a\\evil.test'], ['%2f'], ['evil.test:80:'], [' '], ['']])(
  'a value %j cannot change the host of a URL',
  (sub) => {
    const filled = fillUrl('https://${connectionConfig.sub}.zendesk.com/oauth', { values: { connectionConfig: { sub } } });
    expect(filled.ok ? filled.url.host : 'refused').toSatisfy((host: string) => host === 'refused' || host.endsWith('.zendesk.com'));
  },
);

test('a value that is the whole host may bring a path along, and nothing else', () => {
  const at = (template: string, server: string) => {
    const filled = fillUrl(template, { values: { connectionConfig: { server } } });
    return filled.ok && filled.url.href;
  };
  expect(at('https://${connectionConfig.server}/Login', 'sap.example.com:50000/b1s/v1')).toBe('https://sap.example.com:50000/b1s/v1/Login');
  expect(at('https://${connectionConfig.server}', 'dev.azure.com/contoso/')).toBe('https://dev.azure.com/contoso');
  for (const bad of ['a.test/../x', 'a.test/x?y', 'a.test/x#y', 'u@a.test/x', 'a.test/%2e%2e', 'a.test/./x', '/x', 'a.test//x']) {
    expect([bad, at('https://${connectionConfig.server}/Login', bad)]).toEqual([bad, false]);
  }
  expect(at('https://${connectionConfig.server}.zendesk.com', 'evil.test/x')).toBe(false);
});

test('a URL that lacks a value names it, and one of another scheme is refused', () => {
  expect(fillUrl('https://${connectionConfig.x}.test', { values: {} })).toMatchObject({ ok: false, unresolved: ['connectionConfig.x'] });
  expect(fillUrl('${u}', { values: { u: 'file:///etc/passwd' } })).toMatchObject({ ok: false, unresolved: [] });
});

test.each([
  ['${now:YYYYMMDD[T]HHmmss[Z]}', '20260301T000000Z'],
  ['${now:ddd, DD MMM YYYY HH:mm:ss ZZ}', 'Sun, 01 Mar 2026 00:00:00 +0000'],
  ['${now:dddd D MMMM YY h:m:s A (hh a) SSS Z}', 'Sunday 1 March 26 12:0:0 AM (12 am) 500 +00:00'],
  ['${now+7:days:YYYY-MM-DD}', '2026-03-08'],
  ['${now-1:minutes:X}', '1772323140'],
  ['${now+1:hour:x}', '1772326800500'],
  ['${now-1:month:M/D}', '2/1'],
  ['${now+1:year}', '2027-03-01T00:00:00.500Z'],
])('%s is a moment', (template, text) => {
  expect(fillTemplate(template, scope)).toEqual({ text, unresolved: [] });
});

test('a month after the 31st ends with the shorter month', () => {
  const now = new Date('2026-01-31T12:00:00Z');
  expect(fillTemplate('${now+1:months:YYYY-MM-DD}', { ...scope, now }).text).toBe('2026-02-28');
});

test('the signature of Duo is that of its documentation', () => {
  const request = {
    method: 'post',
    url: 'https://api-xxxxxxxx.duosecurity.com/accounts/v1/account/list',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'username=root&realname=First%20Last',
  };
  const lines = 'Tue, 21 Aug 2012 17:29:18 -0000\n${method}\n${host}\n${path}\n${params}';
  expect(fillTemplate(`\${hmacSha1Hex(${lines}, Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep)}`, { ...scope, request }).text).toBe(
    '2d97d6166319781b5a3a07af39d366f491234edc',
  );
});

test('Ed25519 signatures and fingerprints are those of the key', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const { text } = fillTemplate('${ed25519Sign(a, b ${apiKey}, ${credentials.key})}', {
    ...scope,
    values: { apiKey: 'k', credentials: { key: pem } },
  });
  expect(verify(null, Buffer.from('a, b k'), publicKey, Buffer.from(text, 'base64'))).toBe(true);
  const digest = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
  expect(fillTemplate('${fingerprint(${key})}', { ...scope, values: { key: pem } }).text).toBe(`SHA256:${digest}`);
});
