/** The catalogue's templates and durations in words. Pure. */
import { isMoment } from '../moment.ts';
import type { Provider } from '../provider.ts';

/** The vendor's name without what tells its entries apart: `Stripe` of `Stripe (app)`, `GitHub` of `GitHub App`. */
export function vendorOf({ display_name: title, auth_mode: mode, proxy }: Pick<Provider, 'display_name' | 'auth_mode' | 'proxy'>): string {
  const own = /\((your own [^()]+)\)$/.exec(title)?.[1];
  if (own !== undefined) return own;
  if (mode === 'MCP_OAUTH2_GENERIC') return 'the server';
  if (mode === 'NONE' && proxy === undefined) return 'the API';
  const name = title.replace(/\s*\([^()]*\)\s*$/, '');
  return (mode === 'APP' || mode === 'CUSTOM' ? name.replace(/\sApp\b.*$/, '') : name) || title;
}

const known: Readonly<Record<string, string>> = {
  accessToken: 'access token',
  token: 'token',
  refreshToken: 'refresh token',
  refresh_token: 'refresh token',
  clientId: 'client ID',
  clientSecret: 'client secret',
  username: 'user name',
  password: 'password',
  apiKey: 'API key',
  scopes: 'scopes',
  random: 'random text',
  method: 'method',
  host: 'host',
  path: 'path',
};

/** `https://${connectionConfig.subdomain}.acme.com` as `https://<Subdomain>.acme.com`: values by the titles of their fields. */
export function readable(template: string, provider: Provider): string {
  let text = template;
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replaceAll(/\$\{([^${}]*)\}/g, (_, inside: string) => titled(inside, provider));
  }
  return text;
}

function titled(inside: string, provider: Provider): string {
  if (/[(<]/.test(inside)) return inside;
  const [root = '', ...rest] = inside.split('.');
  const name = rest.join('.');
  if (isMoment(inside)) return '<time>';
  if (name === '') return `<${fieldIn(provider, 'credentials', inside)?.title || (known[inside] ?? inside)}>`;
  if (root === 'metadata') return `<${name} of the metadata>`;
  const group = groups[root];
  return `<${(group && fieldIn(provider, group, name)?.title) || known[name] || name.replaceAll('_', ' ')}>`;
}

const groups: Readonly<Record<string, 'connection_config' | 'credentials' | 'integration_config'>> = {
  connectionConfig: 'connection_config',
  connection_config: 'connection_config',
  integrationConfig: 'integration_config',
  credentials: 'credentials',
};

function fieldIn(provider: Provider, group: 'connection_config' | 'credentials' | 'integration_config', name: string) {
  return provider[group]?.[name];
}

/** The sides of a template, the first that has all its values counting. */
export function sides(template: string): string[] {
  return template.split(/\s+\|\|\s+/);
}

const units: readonly [ms: number, one: string][] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
];

/** `1 hour`, `90 minutes`, `60 days`: in the largest unit that fits evenly. */
export function lasting(ms: number): string {
  const [size, unit] = units.find(([each]) => ms >= each && ms % each === 0) ?? [1000, 'second'];
  const count = Math.round(ms / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
