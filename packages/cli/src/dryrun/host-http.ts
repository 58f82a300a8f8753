/** Requests of a dry run: made for real, writes only past the guard, each one told. */
import type { SandboxAnswer } from '@bowline/sandbox/pool';
import { bareRequest, proxiedRequest } from '../fixture/request.ts';
import type { Answers } from '../local/calls.ts';
import { isWrite } from './guard.ts';
import { type Sent, sendBare, sendProxied } from './send.ts';
import type { Exchange, Setup } from './setup.ts';

export function httpAnswers({ server, own, guard, found, tell }: Setup): Answers<'proxy' | 'fetch'> {
  const made = async (
    { request, shown, bytes }: Pick<Exchange, 'request' | 'shown' | 'bytes'>,
    send: () => Promise<Sent>,
  ): Promise<SandboxAnswer> => {
    const path = new URL(request.endpoint.replace(/^(?!https?:)\/*/, '/'), 'http://provider').pathname;
    if (isWrite(request.method)) await guard(`${request.method} ${shown}`, path);
    const began = performance.now();
    const done = (sent: Sent | undefined, lost?: string): void => {
      const exchange = { request, shown, bytes, sent, lost, ms: Math.round(performance.now() - began) };
      found.exchanges.push(exchange);
      tell.exchange(exchange);
    };
    try {
      const sent = await send();
      done(sent);
      return sent;
    } catch (error) {
      done(undefined, error instanceof Error ? error.message : String(error));
      throw error;
    }
  };
  return {
    proxy: (params, body) => {
      const request = proxiedRequest(params, body);
      const shown = `${params.baseUrlOverride ?? ''}${addressOf(params.endpoint, params.params)}`;
      return made({ request, shown, bytes: body.length }, () => sendProxied(server, own, params, body));
    },
    fetch: (params, body) =>
      made({ request: bareRequest(params, body), shown: params.url, bytes: body.length }, () => sendBare(params, body)),
  };
}

function addressOf(endpoint: string, params: string | Record<string, string> | undefined): string {
  const path = /^(?:\/|https?:)/i.test(endpoint) ? endpoint : `/${endpoint}`;
  const query = typeof params === 'string' ? params.replace(/^\?/, '') : new URLSearchParams(params).toString();
  return query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`;
}
