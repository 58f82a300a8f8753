/** Headers of what is forwarded: those of the provider, without what belongs to its own request or would let somebody in. Pure. */

/** By what their names begin with, as clients of the wire expect. */
const LEFT_OUT = [
  ...['host', 'authorization', 'connection', 'keep-alive', 'content-length', 'content-type', 'content-encoding', 'cookie', 'set-cookie'],
  ...['referer', 'user-agent', 'sec-', 'proxy-', 'www-authenticate', 'server', 'transfer-encoding', 'te', 'upgrade', 'trailer', 'expect'],
  // Ours: nobody else says where a webhook comes from.
  ...['x-bowline-', 'x-nango-signature', 'x-nango-hmac-', 'webhook-id', 'webhook-timestamp', 'webhook-signature'],
];
const CHARS_MAX = 16_384;

export function forwardHeaders(
  received: Readonly<Record<string, string | string[] | undefined>>,
  told: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = Object.entries(received).flatMap(([name, value]): [string, string][] =>
    value === undefined || LEFT_OUT.some((one) => name.toLowerCase().startsWith(one)) ? [] : [[name.toLowerCase(), String(value)]],
  );
  const headers = { ...Object.fromEntries(kept), ...told };
  // Node refuses other letters, and servers refuse more.
  const clean = Object.entries(headers).map(([name, value]): [string, string] => [name, value.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?')]);
  return Object.fromEntries(clean.filter(([name], index) => name in told || charsOf(clean.slice(0, index + 1)) <= CHARS_MAX));
}

const charsOf = (headers: readonly [string, string][]) => headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
