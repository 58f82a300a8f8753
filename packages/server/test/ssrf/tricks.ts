/** Ways to write, resolve or redirect to an address that nobody outside may have requested. Each is a name and the URL as an attacker gives it. */
import type { Lookup } from '../../src/base/outbound-connect.ts';

/** The ports: of what must not be reached, on loopback in both families, and of a public host that redirects. */
export type Ports = { readonly inner: number; readonly outer: number };

/** What the tests' resolver answers, in turns. Everything else does not exist. */
const names: Readonly<Record<string, readonly string[]>> = {
  'public.test': ['127.0.0.2'], // stands for a public address: the platform of the tests allows it
  'private.test': ['127.0.0.1'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'six.test': ['::1'],
  'translated.test': ['64:ff9b::7f00:1'],
  'metadata.google.internal': ['169.254.169.254'],
  'intranet.test': ['10.1.2.3'],
  localhost: ['127.0.0.1'],
  'app.localhost': ['127.0.0.1'],
  'localhost.localdomain': ['127.0.0.1'],
  'ip6-localhost': ['::1'],
  '127.0.0.1.nip.test': ['127.0.0.1'],
};
/** Several at once: one of them is public. */
const together: Readonly<Record<string, readonly string[]>> = { 'mixed.test': ['127.0.0.2', '127.0.0.1'] };

/** `rebind.test` is public when it is asked first, and private from then on: whoever checks one answer and connects to another is caught. */
export function createLookup(): Lookup {
  let asked = 0;
  return (host, _options, done) => {
    const bare = host.toLowerCase().replace(/\.$/, '');
    const addresses = bare === 'rebind.test' ? [asked++ % 2 === 0 ? '127.0.0.2' : '127.0.0.1'] : (together[bare] ?? names[bare]);
    if (!addresses) return done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []);
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
}

const hosts = [
  // IPv4 as inet_aton reads it: short, decimal, octal, hexadecimal, mixed
  ...[
    '127.0.0.1',
    '127.0.0.1.',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '0x7f.1',
    '0x7F.0x0.0x0.0x1',
    '017700000001',
  ],
  ...['0177.0.0.1', '0177.1', '0177.0x0.0.1', '127.0.0.0x1', '00000177.0.0.01', '0', '0.0.0.0', '127.255.255.254', '0x7f.0.1'],
  // digits and dots of other scripts, percent-encoded, with what IDNA takes out
  ...[
    '①②⑦.⓪.⓪.①',
    '１２７.０.０.１',
    '127。0。0。1',
    '127｡0｡0｡1',
    '%31%32%37.0.0.1',
    '%31%32%37%2e0%2e0%2e1',
    '127.0.0.1%2e',
    '127.0.0.1%00',
  ],
  // names of this machine
  ...['localhost', 'LOCALHOST', 'localhost.', 'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ', 'loc\u00adalhost', 'app.localhost', 'localhost.localdomain', 'ip6-localhost'],
  // IPv6: loopback, mapped, compatible, translated, NAT64, 6to4, Teredo, zones
  ...[
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[0000::0001]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:127.0.0.1]',
    '[::127.0.0.1]',
  ],
  ...[
    '[::ffff:0:127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b:1::127.0.0.1]',
    '[2002:7f00:1::]',
    '[2001:0:4136:e378:8000:63bf:80ff:fffe]',
  ],
  ...['[::1%25lo]', '[fe80::1%25lo]', '[::1%lo]'],
  // names that resolve to such an address, one of several, after a public answer
  ...[
    'private.test',
    'PRIVATE.TEST.',
    'mapped.test',
    'six.test',
    'translated.test',
    'mixed.test',
    'rebind.test',
    '127.0.0.1.nip.test',
    'intranet.test',
  ],
];

/** Nothing listens there in a test; that nothing even connects is told by the refusal. */
const elsewhere = [
  ...[
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/',
    'http://0xA9FEA9FE/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[fd00:ec2::254]/',
  ],
  ...[
    'http://169.254.170.2/v2/credentials',
    'http://100.100.100.200/',
    'http://168.63.129.16/',
    'http://192.0.0.192/',
    'http://metadata.google.internal/',
  ],
  ...[
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.0.1:8080/',
    'http://198.18.0.1/',
    'http://100.64.0.1/',
  ],
  ...['http://224.0.0.1/', 'http://255.255.255.255/', 'http://192.0.0.170/', 'http://240.0.0.1/', 'http://192.88.99.1/'],
  ...[
    'http://[fe80::1]/',
    'http://[fc00::1]/',
    'http://[fd12:3456::1]/',
    'http://[fec0::1]/',
    'http://[ff02::1]/',
    'http://[100::1]/',
    'http://[2001:db8::1]/',
  ],
  ...['http://[4000::1]/', 'http://[::a00:1]/', 'https://10.0.0.1/', 'http://10.0.0.1:22/', 'http://10.0.0.1:6379/'],
];

const written = ({ inner }: Ports): string[] => [
  // user info and separators that parsers disagree about
  `http://public.test@127.0.0.1:${inner}/`,
  `http://public.test:80@127.0.0.1:${inner}/`,
  `http://public.test%40127.0.0.1:${inner}/`,
  `http://127.0.0.1:${inner}#@public.test/`,
  `http://127.0.0.1:${inner}?@public.test/`,
  `http://127.0.0.1:${inner}\\@public.test/`,
  `http://public.test\\@127.0.0.1:${inner}/`,
  `http://user:password@127.0.0.1:${inner}/`,
  `http:\\\\127.0.0.1:${inner}\\`,
  `http:/\\127.0.0.1:${inner}/`,
  // whitespace and control characters, which URL parsers take out
  ` http://127.0.0.1:${inner}/`,
  `http://127.0.0.1:${inner}/ `,
  `http://127.0.\t0.1:${inner}/`,
  `http://127.0.\n0.1:${inner}/`,
  `ht\ntp://127.0.0.1:${inner}/`,
  `\u0000http://127.0.0.1:${inner}/`,
  `http://127.0.0.1 :${inner}/`,
  // schemes
  ...['file:///etc/passwd', 'data:text/plain,inner', 'jar:http://127.0.0.1!/', 'javascript:1', 'blob:http://127.0.0.1/x'],
  ...['ftp', 'gopher', 'dict', 'ldap', 'tftp', 'ws', 'wss', 'sftp', 'netdoc', 'http+unix'].map(
    (scheme) => `${scheme}://127.0.0.1:${inner}/`,
  ),
  ...[
    `//127.0.0.1:${inner}/`,
    `http:127.0.0.1:${inner}`,
    `http:/127.0.0.1:${inner}/`,
    `http:///127.0.0.1:${inner}/`,
    `///127.0.0.1:${inner}/`,
  ],
  ...[
    `HTTP://127.0.0.1:${inner}/`,
    `hTTps://127.0.0.1:${inner}/`,
    `127.0.0.1:${inner}/`,
    `localhost:${inner}/`,
    `http://0127.0.0.1:${inner}/`,
  ],
];

const statuses = [301, 302, 303, 307, 308];

/** From a public host, in every status, written absolute, without a scheme, and with what browsers take for one. */
function redirects({ inner, outer }: Ports): string[] {
  const places = [
    ...['127.0.0.1', 'localhost', '2130706433', '[::1]', '[::ffff:7f00:1]', 'private.test'].map((host) => `http://${host}:${inner}/`),
    ...[
      `//127.0.0.1:${inner}/`,
      `/\\127.0.0.1:${inner}/`,
      `\\\\127.0.0.1:${inner}/`,
      `http:127.0.0.1:${inner}/`,
      `https://127.0.0.1:${inner}/`,
    ],
    ...[`http://public.test@127.0.0.1:${inner}/`, 'file:///etc/passwd', `gopher://127.0.0.1:${inner}/`],
  ];
  const at = (status: number, to: string) => `http://public.test:${outer}/redirect/${status}/${Buffer.from(to).toString('base64url')}`;
  const once = statuses.flatMap((status) => places.map((to) => at(status, to)));
  return [...once, ...statuses.map((status) => at(302, at(status, `http://127.0.0.1:${inner}/`)))];
}

export function tricks(ports: Ports): string[] {
  return [...hosts.map((host) => `http://${host}:${ports.inner}/`), ...elsewhere, ...written(ports), ...redirects(ports)];
}
