/** A certificate authority for tests, and what it signs: for servers on this machine and for their clients. All in PEM. */
import { generate } from 'selfsigned';

type Pem = { readonly cert: string; readonly key: string };
type Authority = Pem & { readonly server: () => Promise<Pem>; readonly client: (name: string) => Promise<Pem> };

const options = { keyType: 'ec', algorithm: 'sha256' } as const;

export async function createAuthority(name: string): Promise<Authority> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    ...options,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const signed = async (subject: string, extensions: Parameters<typeof generate>[1]) => {
    const pair = await generate([{ name: 'commonName', value: subject }], { ...options, ...extensions, ca: { cert, key } });
    return { cert: pair.cert, key: pair.private };
  };
  return {
    cert,
    key,
    server: () =>
      signed('localhost', {
        extensions: [
          { name: 'extKeyUsage', serverAuth: true },
          {
            name: 'subjectAltName',
            altNames: [
              { type: 2, value: 'localhost' },
              { type: 7, ip: '127.0.0.1' },
            ],
          },
        ],
      }),
    client: (subject) => signed(subject, { extensions: [{ name: 'extKeyUsage', clientAuth: true }] }),
  };
}
