/**
 * Which addresses outbound requests may reach: everything public, plus what the operator allows.
 * Addresses that carry an IPv4 address inside (mapped, NAT64) are judged by that one, so no notation slips past.
 */
import { BlockList, isIP, isIPv4 } from 'node:net';

export type AddressGuard = {
  /** True when requests to this host and port may connect wherever the name leads. */
  readonly allowsHost: (host: string, port: number) => boolean;
  /** True when an address may not be connected to. Text that is no IP address counts as blocked. */
  readonly blocks: (address: string) => boolean;
};

/**
 * @param allow hosts (`gitlab.internal`, `localhost`, `10.0.0.7`, `[::1]`), hosts with a port (`localhost:4001`), networks (`10.1.0.0/16`)
 * @throws TypeError naming the entry that is none of these
 */
export function createAddressGuard(allow: readonly string[]): AddressGuard {
  const hosts = new Set<string>();
  const networks = new BlockList();
  for (const entry of allow) {
    const [network, prefix] = entry.split('/');
    if (prefix === undefined) hosts.add(hostEntry(entry));
    else if (network && isIP(network) && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv4(network) ? 32 : 128)) {
      networks.addSubnet(network, Number(prefix), family(network));
    } else throw new TypeError(`${entry} is not a host, host:port or network such as 10.1.0.0/16`);
  }
  const allowed = (address: string) => hosts.has(address) || networks.check(address, family(address));
  return {
    allowsHost: (host, port) => hosts.has(plain(host)) || hosts.has(`${plain(host)}:${port}`),
    blocks: (address) => {
      const bare = address.replace(/%.*$/, '');
      if (!isIP(bare)) return true;
      const judged = isIPv4(bare) ? bare : embedded(bare);
      return forbidden[family(judged)].check(judged, family(judged)) && !allowed(judged) && !allowed(bare);
    },
  };
}

function hostEntry(entry: string): string {
  const url = URL.parse(`http://${isIP(entry) === 6 ? `[${entry}]` : entry}`);
  if (url?.pathname !== '/' || url.search || url.username || url.hash || entry === '' || !/^(\[[\da-f:]+\]|[\w.-]+)$/.test(url.hostname)) {
    throw new TypeError(`${JSON.stringify(entry)} is not a host, host:port or network such as 10.1.0.0/16`);
  }
  // URL drops port 80, the default of http.
  const port = /:(\d+)$/.exec(isIP(entry) === 6 ? '' : entry.replace(/^\[.*\]/, ''))?.[1];
  return `${plain(url.hostname)}${port === undefined ? '' : `:${Number(port)}`}`;
}

function plain(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

/** The IPv4 address inside an IPv4-mapped (::ffff:0:0/96), IPv4-compatible (::/96) or NAT64 (64:ff9b::/96) address, else the address itself. */
function embedded(address: string): string {
  const groups = expand(address);
  const head = groups.slice(0, 6).join(':');
  if (head !== '0:0:0:0:0:ffff' && head !== '0:0:0:0:0:0' && head !== '64:ff9b:0:0:0:0') return address;
  const low = groups.slice(6).map((group) => Number.parseInt(group, 16));
  return low.flatMap((group) => [group >> 8, group & 255]).join('.');
}

/** The eight groups of an IPv6 address, in hex without leading zeros; URL has already turned a dotted tail into two groups. */
function expand(address: string): string[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [left = '', right] = canonical.split('::');
  const before = left === '' ? [] : left.split(':');
  if (right === undefined) return before;
  const after = right === '' ? [] : right.split(':');
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}

/** IANA special-purpose registries (RFC 6890 and later): private, loopback, link-local (cloud metadata), carrier NAT, multicast, tunnels, documentation. */
const forbidden = {
  ipv4: listed('ipv4', [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
    '192.168.0.0/16',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '224.0.0.0/4',
    '240.0.0.0/4',
    // Azure's host agent answers on a public address.
    '168.63.129.16/32',
  ]),
  // Only 2000::/3 is given out for public use (RFC 4291 §2.4): the first three rows are all the rest.
  // Two lists, because a BlockList also takes an IPv4 address for its mapped form, which ::/3 holds.
  ipv6: listed('ipv6', ['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']),
};

function listed(of: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), of);
  }
  return list;
}
