import { createHash } from 'node:crypto';
import { URLSearchParams as Query } from 'node:url';
import crypto, { randomUUID } from 'crypto';
import { createAction } from 'nango';
import { URL } from 'url';
import { z } from 'zod';

export default createAction({
  description: 'Modules of the platform, under all their names',
  input: z.object({ text: z.string() }),
  output: z.object({ one: z.string(), other: z.string(), host: z.string(), query: z.string(), uuid: z.boolean(), bytes: z.string() }),
  exec: async (_nango, { text }) => ({
    one: createHash('sha256').update(text).digest('hex'),
    other: crypto.createHmac('sha1', 'key').update(text).digest('base64'),
    host: new URL('https://example.com/a?b=1').host,
    query: new Query({ text }).toString(),
    uuid: /^[0-9a-f-]{36}$/.test(randomUUID()),
    bytes: Buffer.from(text).toString('base64'),
  }),
});
