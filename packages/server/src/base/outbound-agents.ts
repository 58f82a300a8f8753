/**
 * The connections that outbound requests keep: a pool for everybody, and one for each client certificate lately used.
 * A connection opened with one certificate is never used for another, nor without.
 */
import { createHash } from 'node:crypto';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { LRUCache } from 'lru-cache';
import { Agent, type buildConnector } from 'undici';
import { OutboundError } from './outbound-error.ts';

/** Both in PEM. `cert` may hold the chain that leads to what the server trusts. */
export type ClientCertificate = { readonly cert: string; readonly key: string };

export type Agents = {
  /** @throws OutboundError `tls` when certificate and key cannot be used */
  readonly of: (certificate?: ClientCertificate) => Agent;
  readonly close: () => Promise<void>;
};

export type AgentOptions = {
  readonly connector: (secureContext?: SecureContext) => buildConnector.connector;
  /** PEM of further authorities to trust. */
  readonly authorities?: string | undefined;
};

/** An idle agent holds a TLS context (about 50 KB); a closed one costs its next caller a handshake. */
const CERTIFICATES_MAX = 100;
const CERTIFICATE_IDLE_MS = 5 * 60_000;

export function createAgents({ connector, authorities }: AgentOptions): Agents {
  const ca = authorities === undefined ? undefined : [...rootCertificates, authorities];
  const plain = agent(connector(ca && createSecureContext({ ca })), 256);
  const closing = new Set<Agent>();
  const identified = new LRUCache<string, Agent>({
    max: CERTIFICATES_MAX,
    ttl: CERTIFICATE_IDLE_MS,
    ttlAutopurge: true,
    updateAgeOnGet: true,
    // Closes when its requests under way have ended.
    dispose: (old) => {
      closing.add(old);
      void old
        .close()
        .catch(() => undefined)
        .finally(() => closing.delete(old));
    },
  });
  const identify = (certificate: ClientCertificate) => {
    const id = createHash('sha256').update(certificate.cert).update('\0').update(certificate.key).digest('base64');
    const kept = identified.get(id);
    if (kept) return kept;
    const made = agent(connector(contextOf(certificate, ca)), 32);
    identified.set(id, made);
    return made;
  };
  return {
    of: (certificate) => (certificate ? identify(certificate) : plain),
    close: async () => {
      identified.clear();
      await Promise.all([plain, ...closing].map((one) => one.destroy()));
    },
  };
}

function agent(connect: buildConnector.connector, connections: number): Agent {
  return new Agent({ connect, connections, keepAliveTimeout: 15_000, headersTimeout: 60_000, bodyTimeout: 60_000 });
}

function contextOf({ cert, key }: ClientCertificate, ca: string[] | undefined): SecureContext {
  try {
    return createSecureContext({ cert, key, ...(ca ? { ca } : {}) });
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new OutboundError(
      'tls',
      `the client certificate cannot be used: it and its key must be PEM and belong together (${reason})`,
      reason,
    );
  }
}
