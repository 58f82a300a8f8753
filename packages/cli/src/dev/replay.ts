/** A webhook that came elsewhere, sent to the local platform: the same method, query, headers and bytes, so that signatures hold as they did there. */
import { request } from 'node:http';
import type { ReceivedWebhook } from '@bowline/api/webhooks';
import { z } from 'zod';

type Answer = { readonly status: number; readonly code: string | undefined };

const refusal = z.object({ error: z.object({ code: z.string() }) });

/** @throws when nothing answers */
export const replay = (url: string, environmentUuid: string, webhook: ReceivedWebhook): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const body = Buffer.from(webhook.body, 'base64');
    const path = `/webhook/${environmentUuid}/${encodeURIComponent(webhook.integration)}`;
    const sent = request(new URL(path + (webhook.query ? `?${webhook.query}` : ''), url), {
      method: webhook.method,
      headers: ['Host', new URL(url).host, 'Content-Length', String(body.length), ...webhook.headers.flat()],
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, code: codeOf(Buffer.concat(chunks).toString('utf8')) }));
    });
    sent.end(body);
  });

const codeOf = (text: string): string | undefined => {
  try {
    return refusal.safeParse(JSON.parse(text)).data?.error.code;
  } catch {
    return undefined;
  }
};
