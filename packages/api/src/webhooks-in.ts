/** Where providers send their webhooks. The body is taken as bytes, since its signature is over these. */
import * as z from 'zod';
import { ProviderConfigKey } from './fields.ts';
import { defineRoute } from './route.ts';

export const webhookRoute = defineRoute({
  method: 'POST',
  path: '/webhook/:environmentUuid/:providerConfigKey',
  summary: 'What a provider tells by its webhook',
  caller: 'public',
  params: z.strictObject({ environmentUuid: z.uuid().describe('The UUID of the environment.'), providerConfigKey: ProviderConfigKey }),
  answer: z.object({ status: z.literal('success').describe('It was taken.') }),
  problems: [
    'unknown_environment',
    'unknown_provider_config',
    'webhook_invalid_signature',
    'connection_test_failed',
    'connection_validation_failed',
    'too_many_request',
    'server_error',
  ],
  wording: { unknown_provider_config: { status: 404 } },
});
