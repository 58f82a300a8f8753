/** Vendors that are asked with what a developer has, as their documentation says they behave: one address and one list of events for a whole app. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '../platform.ts';
import { json, type Received, type Upstream } from '../upstream.ts';
import type { Hook } from './vendors.ts';

/** Files of providers that are those of the catalogue, at another address. */
export function appProviders({ url }: Upstream): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-catalogue-'));
  const plain = 'post_connection_script: null\npre_connection_deletion_script: null\nconnection_configuration: null\n';
  const files = { hubspot: plain, slack: '', stripe: '', 'google-mail': plain.replace(/pre_.*\n/, '') };
  for (const [name, more] of Object.entries(files)) {
    const base = name === 'slack' ? `${url}/slack` : url;
    writeFileSync(join(folder, `own-${name}.yaml`), `extends: ${name}\ntoken_url: ${url}/token\n${more}proxy: { base_url: "${base}" }\n`);
  }
  return [folder];
}

const bodyOf = ({ body }: Received): Json => JSON.parse(body.toString('utf8'));
const formOf = ({ body }: Received): URLSearchParams => new URLSearchParams(body.toString('utf8'));

export type HubspotApp = {
  url: string | undefined;
  events: Map<string, { eventType: string; propertyName?: string }>;
  lacks: Set<string>;
  loseNext: boolean;
};

/** https://developers.hubspot.com/docs/api-reference/2026-03/webhooks/guide */
export function hubspot(upstream: Upstream, appId: string, key: string): HubspotApp {
  const app: HubspotApp = { url: undefined, events: new Map(), lacks: new Set(), loseNext: false };
  const isAllowed = ({ url }: Received) => new URL(url, upstream.url).searchParams.get('hapikey') === key;
  const base = `/webhooks/2026-03/${appId}`;
  upstream.on(`${base}/settings`, (request, response) => {
    if (!isAllowed(request)) return json(response, { status: 'error', message: 'Unable to authenticate' }, 401);
    if (request.method === 'GET' && app.url === undefined) return json(response, { status: 'error' }, 404);
    if (request.method === 'DELETE') {
      app.url = undefined;
      return response.writeHead(204).end();
    }
    if (request.method === 'PUT') app.url = bodyOf(request).targetUrl;
    return json(response, { targetUrl: app.url, throttling: { maxConcurrentRequests: 10 } });
  });
  upstream.on(`${base}/subscriptions`, (request, response) => {
    if (!isAllowed(request)) return json(response, { status: 'error' }, 401);
    if (request.method === 'GET') return json(response, { results: [...app.events].map(([id, one]) => ({ id, active: true, ...one })) });
    const { eventType, propertyName } = bodyOf(request);
    const isKnown = [...app.events.values()].some((one) => one.eventType === eventType && one.propertyName === propertyName);
    const needs = eventType.endsWith('.propertyChange') !== (propertyName !== undefined);
    if (isKnown || needs || app.lacks.has(eventType.split('.')[0])) return json(response, { status: 'error', message: 'refused' }, 400);
    const id = hubspotEvent(upstream, app, { base, eventType, propertyName });
    if (!app.loseNext) return json(response, { id, eventType, propertyName, active: true }, 201);
    app.loseNext = false;
    return response.destroy();
  });
  return app;
}

/** As its developer clicks one together. */
export function hubspotEvent(
  upstream: Upstream,
  app: HubspotApp,
  { base, eventType, propertyName }: { base: string; eventType: string; propertyName?: string },
): string {
  const id = String(Math.floor(Math.random() * 1e9));
  app.events.set(id, { eventType, ...(propertyName ? { propertyName } : {}) });
  upstream.on(`${base}/subscriptions/${id}`, (_request, response) =>
    app.events.delete(id) ? response.writeHead(204).end() : json(response, { status: 'error' }, 404),
  );
  return id;
}

export type SlackApp = {
  manifest: Json;
  /** The only one that may be exchanged now. */
  refreshToken: string;
  tokens: Set<string>;
  rotations: number;
  /** The next exchange happens, and its answer is lost. */
  loseNext: boolean;
};

/** https://docs.slack.dev/reference/methods/tooling.tokens.rotate and apps.manifest.export, apps.manifest.update: refusals come with status 200. */
export function slack(upstream: Upstream, appId: string, now: () => number): SlackApp {
  const app: SlackApp = {
    manifest: {
      display_information: { name: 'Acme' },
      oauth_config: { scopes: { bot: ['chat:write'] } },
      settings: { socket_mode_enabled: false },
    },
    refreshToken: 'xoxe-1-first-refresh',
    tokens: new Set(),
    rotations: 0,
    loseNext: false,
  };
  const refuse = (response: Parameters<typeof json>[0], error: string) => json(response, { ok: false, error });
  upstream.on('/slack/tooling.tokens.rotate', (request, response) => {
    if (formOf(request).get('refresh_token') !== app.refreshToken) return refuse(response, 'invalid_refresh_token');
    app.rotations += 1;
    app.refreshToken = `xoxe-1-${randomUUID()}`;
    const token = `xoxe.xoxp-${randomUUID()}`;
    app.tokens.add(token);
    if (app.loseNext) {
      app.loseNext = false;
      return response.destroy();
    }
    const iat = Math.floor(now() / 1000);
    return json(response, { ok: true, token, refresh_token: app.refreshToken, team_id: 'T1', user_id: 'U1', iat, exp: iat + 43_200 });
  });
  const isAllowed = ({ headers }: Received) => app.tokens.has(headers.authorization?.replace('Bearer ', '') ?? '');
  upstream.on('/slack/apps.manifest.export', (request, response) => {
    if (!isAllowed(request)) return refuse(response, 'invalid_auth');
    if (formOf(request).get('app_id') !== appId) return refuse(response, 'app_not_found');
    return json(response, { ok: true, manifest: app.manifest });
  });
  upstream.on('/slack/apps.manifest.update', (request, response) => {
    if (!isAllowed(request)) return refuse(response, 'invalid_auth');
    const manifest = JSON.parse(formOf(request).get('manifest') ?? 'null');
    const subscriptions = manifest?.settings?.event_subscriptions;
    const scopes: Record<string, string> = { app_mention: 'app_mentions:read', 'message.channels': 'channels:history' };
    const lacks = subscriptions?.bot_events?.some(
      (name: string) => scopes[name] && !manifest.oauth_config.scopes.bot.includes(scopes[name]),
    );
    if ((subscriptions && !subscriptions.request_url) || lacks) return refuse(response, 'invalid_manifest');
    app.manifest = manifest;
    return json(response, { ok: true, app_id: appId, permissions_updated: false });
  });
  return app;
}

/** https://docs.stripe.com/connect/webhooks: an endpoint of the platform, which hears of the accounts that are connected to it. */
export function stripeConnect(upstream: Upstream, key: string): { endpoints: Map<string, Hook & { status: string }> } {
  const endpoints = new Map<string, Hook & { status: string }>();
  upstream.on('/v1/webhook_endpoints', (request, response) => {
    if (request.headers.authorization !== `Bearer ${key}`) return json(response, { error: { type: 'invalid_request_error' } }, 401);
    if (request.method === 'GET')
      return json(response, { data: [...endpoints.values()].map(({ id, url, status }) => ({ id, url, status })) });
    const form = formOf(request);
    const [id, secret] = [`we_${randomUUID()}`, `whsec_${randomUUID()}`];
    endpoints.set(id, {
      id,
      url: form.get('url') ?? '',
      secret,
      events: form.getAll('enabled_events[]'),
      more: { connect: form.get('connect') },
      status: 'enabled',
    });
    upstream.on(`/v1/webhook_endpoints/${id}`, (_asked, answer) => json(answer, { id, deleted: endpoints.delete(id) }));
    return json(response, { id, secret });
  });
  return { endpoints };
}

/** https://developers.google.com/workspace/gmail/api/reference/rest/v1/users/watch: one of a mailbox, until it is stopped. */
export function gmail(upstream: Upstream, now: () => number): { watches: Map<string, string> } {
  const watches = new Map<string, string>();
  const mailbox = ({ headers }: Received) => headers.authorization ?? '';
  upstream.on('/gmail/v1/users/me/watch', (request, response) => {
    watches.set(mailbox(request), bodyOf(request).topicName);
    return json(response, { historyId: '1234', expiration: String(now() + 7 * 24 * 3600_000) });
  });
  upstream.on('/gmail/v1/users/me/stop', (request, response) => {
    watches.delete(mailbox(request));
    return response.writeHead(204).end();
  });
  return { watches };
}
