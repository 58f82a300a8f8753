/** Vendors that can be subscribed to, as their documentation says they behave: what was made is kept, listed, refused twice, and gone once removed. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json, Platform } from '../platform.ts';
import { json, type Received, type Upstream } from '../upstream.ts';

export type Hook = { id: string; url: string; secret?: string; events?: unknown; more?: Json };

/** Files of providers that are those of the catalogue, at another address. */
export function vendorProviders({ url }: Upstream): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-catalogue-'));
  for (const name of ['github', 'google-calendar', 'google-drive', 'microsoft', 'linear', 'stripe-api-key'])
    writeFileSync(
      join(folder, `own-${name}.yaml`),
      `extends: ${name}\n${name.startsWith('stripe') ? '' : `token_url: ${url}/token\npost_connection_script: null\n${name === 'linear' ? 'pre_connection_deletion_script: null\n' : ''}${/github|google-drive|microsoft|stripe/.test(name) ? '' : 'connection_configuration: null\n'}`}proxy: { base_url: "${url}" }\n`,
    );
  return [folder];
}

const bodyOf = ({ body }: Received): Json => JSON.parse(body.toString('utf8'));

/** Of one repository. https://docs.github.com/en/rest/repos/webhooks */
export function github(upstream: Upstream, repository: string): { hooks: Map<string, Hook>; loseNext: () => void } {
  const hooks = new Map<string, Hook>();
  let loses = false;
  const base = `/repos/${repository}/hooks`;
  upstream.on(base, (request, response) => {
    if (request.method === 'GET')
      return json(
        response,
        [...hooks.values()].map(({ id, url, events }) => ({ id: Number(id), events, config: { url } })),
      );
    const { config, events } = bodyOf(request);
    if ([...hooks.values()].some(({ url }) => url === config.url))
      return json(response, { message: 'Hook already exists on this repository' }, 422);
    const id = String(Math.floor(Math.random() * 1e9));
    hooks.set(id, { id, url: config.url, secret: config.secret, events });
    upstream.on(`${base}/${id}`, ({ method }, answer) =>
      method === 'DELETE' && hooks.delete(id) ? answer.writeHead(204).end() : json(answer, { message: 'Not Found' }, 404),
    );
    if (!loses) return json(response, { id: Number(id) }, 201);
    loses = false;
    return response.destroy();
  });
  return {
    hooks,
    /** The next one is made, and its answer lost. */
    loseNext: () => {
      loses = true;
    },
  };
}

/** https://developers.google.com/workspace/calendar/api/guides/push, and Drive's, which is the same but for its place. */
export function google(upstream: Upstream, path: string, stop: string): { channels: Map<string, Hook> } {
  const channels = new Map<string, Hook>();
  upstream.on(path, (request, response) => {
    const { id, address, token, expiration, type } = bodyOf(request);
    if (type !== 'web_hook' || channels.has(id)) return json(response, { error: { message: 'Channel id not unique' } }, 400);
    const resourceId = randomUUID();
    channels.set(id, { id, url: address, secret: token, more: { resourceId, query: request.url.split('?')[1] } });
    return json(response, { kind: 'api#channel', id, resourceId, expiration });
  });
  upstream.on(stop, (request, response) => {
    const { id, resourceId } = bodyOf(request);
    if (channels.get(id)?.more.resourceId !== resourceId) return json(response, { error: { message: 'Channel not found' } }, 404);
    channels.delete(id);
    return response.writeHead(204).end();
  });
  return { channels };
}

/** https://learn.microsoft.com/en-us/graph/api/resources/subscription */
export function graph(upstream: Upstream): { subscriptions: Map<string, Hook>; forget: (id: string) => void } {
  const subscriptions = new Map<string, Hook>();
  upstream.on('/v1.0/subscriptions', (request, response) => {
    if (request.method === 'GET')
      return json(response, { value: [...subscriptions.values()].map(({ id, url }) => ({ id, notificationUrl: url })) });
    const { notificationUrl, clientState, changeType, ...more } = bodyOf(request);
    const { resource, expirationDateTime } = more;
    const id = randomUUID();
    subscriptions.set(id, { id, url: notificationUrl, secret: clientState, events: changeType, more });
    upstream.on(`/v1.0/subscriptions/${id}`, (asked, answer) => {
      const known = subscriptions.get(id);
      if (!known) return json(answer, { error: { code: 'ResourceNotFound' } }, 404);
      if (asked.method === 'DELETE') {
        subscriptions.delete(id);
        return answer.writeHead(204).end();
      }
      known.more.expirationDateTime = bodyOf(asked).expirationDateTime;
      return json(answer, { id, expirationDateTime: known.more.expirationDateTime });
    });
    return json(response, { id, resource, expirationDateTime }, 201);
  });
  return { subscriptions, forget: (id) => void subscriptions.delete(id) };
}

/** https://linear.app/developers/webhooks */
export function linear(upstream: Upstream): { webhooks: Map<string, Hook>; refuse: (refuses: boolean) => void } {
  const webhooks = new Map<string, Hook>();
  let refuses = false;
  const refuse = (now: boolean) => {
    refuses = now;
  };
  upstream.on('/graphql', (request, response) => {
    const { query, variables } = bodyOf(request);
    if (query.includes('webhookCreate')) {
      // GraphQL refuses with status 200.
      if (refuses) return json(response, { errors: [{ message: 'Invalid scope: `admin` required' }], data: null });
      const { url, secret, resourceTypes } = variables.input;
      const id = randomUUID();
      webhooks.set(id, { id, url, secret, events: resourceTypes });
      return json(response, { data: { webhookCreate: { success: true, webhook: { id } } } });
    }
    if (query.includes('webhookDelete')) return json(response, { data: { webhookDelete: { success: webhooks.delete(variables.id) } } });
    return json(response, { data: { webhooks: { nodes: [...webhooks.values()].map(({ id, url }) => ({ id, url })) } } });
  });
  return { webhooks, refuse };
}

/** https://docs.stripe.com/api/webhook_endpoints */
export function stripe(upstream: Upstream): { endpoints: Map<string, Hook> } {
  const endpoints = new Map<string, Hook>();
  upstream.on('/v1/webhook_endpoints', (request, response) => {
    if (request.method === 'GET') return json(response, { data: [...endpoints.values()].map(({ id, url }) => ({ id, url })) });
    const form = new URLSearchParams(request.body.toString('utf8'));
    const [id, secret] = [`we_${randomUUID()}`, `whsec_${randomUUID()}`];
    endpoints.set(id, { id, url: form.get('url') ?? '', secret, events: form.getAll('enabled_events[]') });
    upstream.on(`/v1/webhook_endpoints/${id}`, (_asked, answer) => json(answer, { id, deleted: endpoints.delete(id) }));
    return json(response, { id, secret });
  });
  return { endpoints };
}

export async function integrate(platform: Platform, provider: string, more: object = {}): Promise<void> {
  const credentials = provider.includes('stripe')
    ? {}
    : { credentials: { type: 'OAUTH2', client_id: 'client-1', client_secret: 's3cret', scopes: '' } };
  const answer = await platform.call('POST', '/integrations', {
    unique_key: provider,
    provider,
    manage_subscriptions: true,
    ...credentials,
    ...more,
  });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

export async function connect(platform: Platform, provider: string, id: string, metadata: object = {}): Promise<void> {
  const credentials = provider.includes('stripe')
    ? { type: 'BASIC', username: 'sk_test_0123456789abcdef', password: '' }
    : { type: 'OAUTH2', access_token: `token of ${id}`, refresh_token: 'r-1' };
  const answer = await platform.call('POST', '/connections', { provider_config_key: provider, connection_id: id, credentials, metadata });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
}
