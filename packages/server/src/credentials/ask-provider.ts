/** One request to a provider's sign-in, whose answer is read whole. Every way to get no answer becomes a CredentialsError. */
import type { Outbound, OutboundResponse } from '../base/outbound.ts';
import { readText } from '../base/outbound.ts';
import type { ClientCertificate } from '../base/outbound-agents.ts';
import { OutboundError } from '../base/outbound-error.ts';
import { CredentialsError, type CredentialsProblem, classifyOutbound } from './failure.ts';

export type ProviderRequest = {
  readonly method: 'GET' | 'POST';
  readonly url: URL | string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly certificate?: ClientCertificate;
};
export type ProviderAnswer = Pick<OutboundResponse, 'status' | 'headers'> & { readonly text: string };

/** @throws CredentialsError `code`; the message names the host, and neither the path nor the query, which may hold secrets */
export async function askProvider(outbound: Outbound, request: ProviderRequest, code: CredentialsProblem): Promise<ProviderAnswer> {
  try {
    const response = await outbound.request(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      headersTimeoutMs: 30_000,
      bodyIdleTimeoutMs: 30_000,
      ...(request.certificate ? { certificate: request.certificate } : {}),
    });
    return { status: response.status, headers: response.headers, text: await readText(response) };
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    throw new CredentialsError(code, error.message, { kind: classifyOutbound(error), providerError: error.reason });
  }
}
