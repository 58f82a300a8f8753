/** A provider's request as its webhook is judged by: the bytes as received, and what is read out of them. Pure. */

export type Incoming = {
  readonly method: string;
  /** As the provider called it, with its query: some sign it. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
};

const typeOf = ({ headers }: Pick<Incoming, 'headers'>) => String(headers['content-type'] ?? '').toLowerCase();

/** The fields of a form, in the order sent; undefined when the body is none. */
export function formOf(incoming: Pick<Incoming, 'headers' | 'body'>): URLSearchParams | undefined {
  if (!typeOf(incoming).startsWith('application/x-www-form-urlencoded')) return undefined;
  return new URLSearchParams(incoming.body.toString('utf8'));
}

/**
 * What a body says: JSON whatever its type is called, a form's fields, or one field of a form that holds JSON (Slack: `payload`, Dropbox Sign: `json`).
 * Undefined when it is neither.
 */
export async function contentOf(incoming: Pick<Incoming, 'headers' | 'body'>): Promise<unknown> {
  const fields = (await fieldsOf(incoming)) ?? undefined;
  if (fields === undefined) return parsed(incoming.body.toString('utf8'));
  const [inner] = ['payload', 'json'].flatMap((name) => (fields[name] === undefined ? [] : [parsed(fields[name])]));
  return inner ?? fields;
}

async function fieldsOf(incoming: Pick<Incoming, 'headers' | 'body'>): Promise<Record<string, string> | undefined> {
  const form = formOf(incoming);
  if (form) return Object.fromEntries(form);
  if (!typeOf(incoming).startsWith('multipart/form-data')) return undefined;
  try {
    const headers = { 'content-type': String(incoming.headers['content-type']) };
    const data = await new Response(new Uint8Array(incoming.body), { headers }).formData();
    return Object.fromEntries([...data].filter((field): field is [string, string] => typeof field[1] === 'string'));
  } catch {
    return undefined; // no boundary, or cut short
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
