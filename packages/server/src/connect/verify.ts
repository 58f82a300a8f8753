/** Try credentials before they are saved, with the request the catalogue names for it; without one they are taken as they are. */
import { problem } from '@bowline/api/problem';
import { OutboundError } from '../base/outbound-error.ts';
import type { World } from '../base/world.ts';
import type { Access } from '../credentials/access.ts';
import { authorize } from '../credentials/authorize.ts';
import { baseUrl } from '../credentials/base-url.ts';

const TIMEOUT_MS = 15_000;

/** The first endpoint that answers 2xx is enough. @throws connection_test_failed */
export async function verifyCredentials({ outbound }: Pick<World, 'outbound'>, access: Access): Promise<void> {
  const { provider } = access.integration;
  const verification = provider.proxy?.verification;
  if (!verification) return;
  let reason = '';
  for (const endpoint of verification.endpoints) {
    const base = baseUrl(access, verification.base_url_override);
    if (!base.ok) throw problem('connection_test_failed', { message: base.message });
    const { headers } = authorize(access);
    try {
      const response = await outbound.request(`${base.url}${endpoint}`, {
        method: verification.method ?? 'GET',
        headers: { 'user-agent': 'Bowline', ...headers, ...verification.headers },
        headersTimeoutMs: TIMEOUT_MS,
        responseBytesMax: 1_048_576,
      });
      response.body.on('error', () => {}).resume();
      if (response.status < 300) return;
      reason = `${provider.display_name} answered ${response.status}`;
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      reason = error.message;
    }
  }
  throw problem('connection_test_failed', { message: `${provider.display_name} did not accept these credentials: ${reason}` });
}
