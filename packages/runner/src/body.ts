/**
 * Request and response bodies the way axios treats them: objects become JSON (or a form, or multipart, when the content type says so),
 * answers are parsed as JSON when they can be. Bytes pass through untouched in both directions.
 */

export type RequestBody = {
  bytes: Uint8Array;
  contentType: string /** Replaces the caller's header: a multipart boundary. */;
  forced?: true;
};

/** The bytes of `data` and their type when nothing else names one; undefined for no data. */
export async function encodeBody(data: unknown, contentType: string | undefined): Promise<RequestBody | undefined> {
  if (data === undefined || data === null) return undefined;
  if (typeof data === 'string') return { bytes: new TextEncoder().encode(data), contentType: 'application/x-www-form-urlencoded' };
  if (data instanceof Uint8Array) return { bytes: data, contentType: 'application/octet-stream' };
  if (data instanceof ArrayBuffer) return { bytes: new Uint8Array(data), contentType: 'application/octet-stream' };
  if (data instanceof URLSearchParams) return formBody(data);
  if (data instanceof FormData) return multipart(data);
  if (data instanceof Blob)
    return { bytes: new Uint8Array(await data.arrayBuffer()), contentType: data.type || 'application/octet-stream' };
  if (contentType?.startsWith('multipart/form-data') && typeof data === 'object') return multipart(toForm(data));
  if (contentType?.startsWith('application/x-www-form-urlencoded') && typeof data === 'object')
    return formBody(new URLSearchParams(pairs(data)));
  return { bytes: new TextEncoder().encode(JSON.stringify(data)), contentType: 'application/json' };
}

/** An answer's data: by `responseType`, else JSON when it parses, else text. */
export function decodeBody(bytes: Uint8Array, responseType?: string): unknown {
  if (responseType === 'arraybuffer') return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (responseType === 'blob') return new Blob([new Uint8Array(bytes)]);
  if (responseType === 'stream') return new Blob([new Uint8Array(bytes)]).stream();
  const text = new TextDecoder().decode(bytes);
  if (responseType === 'text' || responseType === 'document' || text === '') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function formBody(params: URLSearchParams): RequestBody {
  return { bytes: new TextEncoder().encode(params.toString()), contentType: 'application/x-www-form-urlencoded' };
}

/** Let the platform's own encoder choose the boundary. */
async function multipart(form: FormData): Promise<RequestBody> {
  const encoded = new Response(form);
  return {
    bytes: new Uint8Array(await encoded.arrayBuffer()),
    contentType: encoded.headers.get('content-type') ?? 'multipart/form-data',
    forced: true,
  };
}

function toForm(fields: object): FormData {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    if (value instanceof Blob) form.append(key, value);
    else if (value instanceof Uint8Array) form.append(key, new Blob([new Uint8Array(value)]));
    else form.append(key, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return form;
}

/** Nested fields as `a[b]`, lists as `a[]`, which is axios's form encoding. */
function pairs(value: object, prefix = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, item]): [string, string][] => {
    const name = prefix === '' ? key : Array.isArray(value) ? `${prefix}[]` : `${prefix}[${key}]`;
    if (item === undefined || item === null) return [];
    return typeof item === 'object' ? pairs(item, name) : [[name, String(item)]];
  });
}
