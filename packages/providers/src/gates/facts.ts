/** Gates on what an entry says about itself. */
import type { Finding, Gate } from './finding.ts';

/** A request that only tries credentials should change nothing; one that is no GET says why it does not. */
export const verificationGate: Gate = ({ proxy, notes }) => {
  const method = proxy?.verification?.method ?? 'GET';
  if (method === 'GET' || notes?.some((note) => note.includes(method))) return [];
  return [
    {
      path: 'proxy.verification.method',
      message: `is ${method}: ask with GET, or say in a sentence of notes why ${method} changes nothing`,
    },
  ];
};

export const scopeGate: Gate = (definition) => {
  const available = 'available_scopes' in definition ? definition.available_scopes : undefined;
  const asked = 'default_scopes' in definition ? (definition.default_scopes ?? []) : [];
  if (!available) return [];
  return asked
    .filter((scope) => !available.includes(scope))
    .map(
      (scope): Finding => ({ path: 'default_scopes', message: `${scope} is not in available_scopes; list it there or do not ask for it` }),
    );
};

export const provenanceGate: Gate = ({ provenance }) =>
  provenance
    ? []
    : [{ path: 'provenance', message: 'is missing; say when its facts were checked, against what, and in which page of the vendor' }];
