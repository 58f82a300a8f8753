/** What a person's token tells of them at the provider of an app: who they are, and which installations they may use. */
import type { TemplateScope } from '@bowline/providers/template';
import { fillUrl } from '@bowline/providers/url-template';
import { z } from 'zod';
import { readText } from '../base/outbound.ts';
import { OutboundError } from '../base/outbound-error.ts';
import type { AuthWorld } from './auth-mode.ts';
import { CredentialsError, classify, classifyOutbound } from './failure.ts';
import { readBody } from './token.ts';

type Api = { readonly template: string; readonly scope: TemplateScope };
type Asking = { readonly base: Api; readonly accessToken: string };

const user = z.object({ login: z.string().min(1).max(255) });
const page = z.object({ installations: z.array(z.object({ id: z.number() })) });

const PER_PAGE = 100;
/** A person with more than a thousand installations is not one who connects. */
const PAGES_MAX = 10;

/** @throws CredentialsError */
export async function loginOf(world: Pick<AuthWorld, 'outbound'>, asking: Asking): Promise<string> {
  return (await get(world, { ...asking, path: '/user' }, user)).login;
}

/** @throws CredentialsError when the provider cannot be asked: an installation that nobody vouches for is not connected */
export async function mayUseInstallation(world: Pick<AuthWorld, 'outbound'>, { id, ...asking }: Asking & { id: string }): Promise<boolean> {
  for (let number = 1; number <= PAGES_MAX; number++) {
    const path = `/user/installations?per_page=${PER_PAGE}&page=${number}`;
    const { installations } = await get(world, { ...asking, path }, page);
    if (installations.some((one) => String(one.id) === id)) return true;
    if (installations.length < PER_PAGE) return false;
  }
  return false;
}

async function get<T>(
  world: Pick<AuthWorld, 'outbound'>,
  { base, accessToken, path }: Asking & { path: string },
  schema: z.ZodType<T>,
): Promise<T> {
  const filled = fillUrl(base.template, base.scope);
  if (!filled.ok) throw new CredentialsError('url_param_err', `the address of the API cannot be built: ${filled.message}`);
  const url = filled.url.href.replace(/\/+$/, '') + path;
  const { status, text } = await ask(world, url, accessToken);
  const parsed = schema.safeParse(readBody(text));
  if (status === 200 && parsed.success) return parsed.data;
  const message = `${filled.url.host} answered ${status} when it was asked at ${path.split('?')[0]} for the person who connects`;
  throw new CredentialsError('callback_err', message, { kind: classify(status), status });
}

async function ask({ outbound }: Pick<AuthWorld, 'outbound'>, url: string, accessToken: string): Promise<{ status: number; text: string }> {
  const headers = { accept: 'application/vnd.github+json', authorization: `Bearer ${accessToken}`, 'user-agent': 'Bowline' };
  try {
    const response = await outbound.request(url, { headers, headersTimeoutMs: 30_000, bodyIdleTimeoutMs: 30_000 });
    return { status: response.status, text: await readText(response) };
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    throw new CredentialsError('callback_err', error.message, { kind: classifyOutbound(error), providerError: error.reason });
  }
}
