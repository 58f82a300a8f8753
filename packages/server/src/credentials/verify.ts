/**
 * Tries new credentials with the harmless request the provider's entry names, or in the vendor's own way where a status does not tell.
 * A provider without either accepts any.
 */
import { OutboundError } from '../base/outbound-error.ts';
import type { Access } from './access.ts';
import type { AuthWorld } from './auth-mode.ts';
import type { Credentials } from './credentials.ts';
import { CredentialsError } from './failure.ts';
import { byStatus, type Trial } from './quirks/verify/verification.ts';
import { verificationOf } from './quirks/verify/verifications.ts';
import { openTrial } from './trial.ts';

export type Verdict =
  | { readonly ok: true; readonly tested: boolean }
  | { readonly ok: false; readonly message: string; readonly status?: number };

/** The message of a refusal is for the person who typed the credentials. */
export async function verify(world: AuthWorld, access: Access): Promise<Verdict> {
  const script = verificationOf(access.integration.provider);
  const trial = openTrial(world, access);
  const verification = access.integration.provider.proxy?.verification;
  try {
    if (script) {
      const refusal = await script(trial, access);
      return refusal === undefined ? { ok: true, tested: true } : { ok: false, message: refusal };
    }
    return verification ? await ask(trial, verification) : { ok: true, tested: false };
  } catch (error) {
    if (error instanceof OutboundError || error instanceof CredentialsError) return { ok: false, message: error.message };
    throw error;
  }
}

/** Credentials that are as good now as they will ever be: an imported token may have expired and is renewed at its first use. */
export const lasts = ({ type }: Credentials) => type === 'API_KEY' || type === 'BASIC' || type === 'TBA';

type Verification = NonNullable<NonNullable<Access['integration']['provider']['proxy']>['verification']>;

/** The first endpoint that answers 2xx settles it. */
async function ask(trial: Trial, { endpoints, method, headers, data, base_url_override: base }: Verification): Promise<Verdict> {
  let refusal: Verdict = { ok: false, message: 'the provider could not be asked' };
  for (const endpoint of endpoints) {
    const { status } = await trial(endpoint, { method, headers, json: data, base, read: false });
    const message = byStatus(status);
    if (message === undefined) return { ok: true, tested: true };
    refusal = { ok: false, status, message };
  }
  return refusal;
}
