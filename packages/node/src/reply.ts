/** An answer in the form that axios made familiar, and how its body is read. */

/**
 * What nobody has said the type of: `answer.data.items[0]` must compile, as it does with the clients users come from.
 *
 * @example
 * import type { Untyped } from '@bowline/node';
 * const answer: Untyped = (await client.get({ endpoint: '/user', providerConfigKey: 'github', connectionId: 'user-1' })).data;
 * console.log(answer.login);
 */
export type Untyped = ReturnType<typeof JSON.parse>;

/**
 * Names in lower case. Several `set-cookie` are joined with line breaks.
 *
 * @example
 * import type { ReplyHeaders } from '@bowline/node';
 * const remaining = (headers: ReplyHeaders) => Number(headers['x-ratelimit-remaining'] ?? 'NaN');
 */
export type ReplyHeaders = { readonly [name: string]: string | undefined };

/**
 * What the proxy methods, and those whose answer has nothing but a success in it, resolve with.
 *
 * @example
 * import type { Reply } from '@bowline/node';
 * const answer: Reply<{ login: string }> = await client.get({ endpoint: '/user', providerConfigKey: 'github', connectionId: 'user-1' });
 * console.log(answer.status, answer.headers['content-type'], answer.data.login);
 */
export type Reply<T> = {
  readonly data: T;
  readonly status: number;
  readonly statusText: string;
  readonly headers: ReplyHeaders;
};

/**
 * How the body of a proxied answer is handed over: `stream` is a web `ReadableStream`. Default: JSON when it is JSON, text otherwise.
 *
 * @example
 * import type { ResponseType } from '@bowline/node';
 * const responseType: ResponseType = 'arraybuffer';
 * await client.get({ endpoint: '/repos/octocat/hello-world/zipball', providerConfigKey: 'github', connectionId: 'user-1', responseType });
 */
export type ResponseType = 'json' | 'text' | 'arraybuffer' | 'blob' | 'stream';

/** @returns the answer with its body read, or with the open stream when that was asked for */
export async function readReply(response: Response, type: ResponseType | undefined): Promise<Reply<unknown>> {
  const headers: Record<string, string> = {};
  response.headers.forEach((value, name) => {
    headers[name] = headers[name] === undefined ? value : `${headers[name]}\n${value}`;
  });
  const data = await readBody(response, response.ok ? type : undefined);
  return { data, status: response.status, statusText: response.statusText, headers };
}

async function readBody(response: Response, type: ResponseType | undefined): Promise<unknown> {
  if (type === 'stream') return response.body;
  if (type === 'arraybuffer') return response.arrayBuffer();
  if (type === 'blob') return response.blob();
  const text = await response.text();
  return type === 'text' ? text : parsed(text, response.headers.get('content-type') ?? '');
}

/** APIs that call their JSON text are common; a text that happens to be a number is not JSON. */
function parsed(text: string, contentType: string): unknown {
  if (!/[/+]json\b/i.test(contentType) && !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
