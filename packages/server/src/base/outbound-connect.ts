/** Connecting to where a request goes: the address guard before, while and after the name is resolved, and TLS that always verifies the server. */
import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import type { AddressGuard } from './address.ts';
import { OutboundError } from './outbound-error.ts';

export type Lookup = (
  host: string,
  options: LookupOptions & { all: true },
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** @param secureContext what TLS trusts and how it identifies itself; Node's own when absent */
export function guardedConnector(guard: AddressGuard, lookup: Lookup = dnsLookup, secureContext?: SecureContext): buildConnector.connector {
  // Stated, because NODE_TLS_REJECT_UNAUTHORIZED=0 would switch verification off for everything otherwise.
  const tls = { rejectUnauthorized: true, ...(secureContext ? { secureContext } : {}) };
  const limits = { timeout: 10_000, autoSelectFamily: true, ...tls } as const;
  const open = buildConnector({ ...limits, lookup: answerAll(lookup) });
  const guarded = buildConnector({ ...limits, lookup: answerAll(checked(lookup, guard)) });
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    if (guard.allowsHost(host, Number(options.port) || (options.protocol === 'https:' ? 443 : 80))) return open(options, callback);
    if (isIP(host) && guard.blocks(host)) return callback(blocked(host), null);
    guarded(options, (...[error, socket]) => {
      if (error) return callback(error, null);
      if (!guard.blocks(socket.remoteAddress ?? '')) return callback(null, socket);
      socket.destroy();
      callback(blocked(host), null);
    });
  };
}

/** What connecting would refuse, asked beforehand. @returns why; undefined when nothing stands against it, or the name does not resolve */
export async function refusalOf(
  guard: AddressGuard,
  lookup: Lookup = dnsLookup,
  { host: written, port }: { host: string; port: number },
): Promise<string | undefined> {
  const host = written.replace(/^\[|\]$/g, '');
  if (guard.allowsHost(host, port)) return undefined;
  const addresses = isIP(host) ? [{ address: host }] : await resolved(lookup, host);
  return addresses.some(({ address }) => guard.blocks(address)) ? blocked(host).message : undefined;
}

/** A resolver that does not answer must not keep a person waiting; nothing is found then. */
const RESOLVE_MS_MAX = 2_000;

function resolved(lookup: Lookup, host: string): Promise<readonly { address: string }[]> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve([]), RESOLVE_MS_MAX);
    lookup(host, { all: true }, (error, found) => {
      clearTimeout(timer);
      resolve(error ? [] : found);
    });
  });
}

/** One private answer is enough to refuse: which of several is connected to is not ours to choose. */
function checked(lookup: Lookup, guard: AddressGuard): Lookup {
  return (host, options, callback) =>
    lookup(host, options, (error, addresses) => {
      if (error) return callback(error, []);
      callback(addresses.some(({ address }) => guard.blocks(address)) ? blocked(host) : null, addresses);
    });
}

function blocked(host: string): OutboundError {
  return new OutboundError('blocked_host', `${host} is a private or reserved address; to reach it add it to BOWLINE_OUTBOUND_ALLOW`);
}

/** Adapts to what `net.connect` asks: one address, or all of them when it tries both families. */
function answerAll(lookup: Lookup): LookupFunction {
  return (host, options, callback) =>
    lookup(host, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses;
      if (error || !first) return callback(error ?? Object.assign(new Error(`no address for ${host}`), { code: 'ENOTFOUND' }), '', 0);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
}
