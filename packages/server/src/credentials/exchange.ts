/** The requests of a TWO_STEP provider, one after the other. A later one reads what earlier ones were answered as `step1.path`. */
import type { ProviderOf } from '@bowline/providers/provider';
import type { TemplateScope } from '@bowline/providers/template';
import { fillUrl } from '@bowline/providers/url-template';
import type { Outbound } from '../base/outbound.ts';
import { readAnswer, refused } from './answer.ts';
import { askProvider, type ProviderAnswer, type ProviderRequest } from './ask-provider.ts';
import { CredentialsError } from './failure.ts';
import { fillNested, fillParams, type Nested } from './params.ts';
import { writeXml } from './xml.ts';

type TwoStepProvider = ProviderOf<'TWO_STEP'>;
type Format = 'json' | 'form' | 'xml';
export type Step = {
  readonly url: string;
  readonly params: Readonly<Record<string, Nested>> | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly method: 'GET' | 'POST';
  readonly format: Format;
};
export type Exchange = {
  readonly provider: TwoStepProvider;
  readonly steps: readonly Step[];
  readonly scope: TemplateScope;
  /** What an error must not repeat. */
  readonly secrets: readonly string[];
};
/** `answer` is that of the last request; `kept`: headers and cookies of any, as the provider's `token_response_headers` asks. */
export type Exchanged = { readonly answer: unknown; readonly host: string; readonly kept: Readonly<Record<string, string>> };

/** The first request, which may be the one that renews, and those that follow it in any case. */
export function stepsOf(provider: TwoStepProvider, renewing: boolean): Step[] {
  const first = {
    url: (renewing ? provider.refresh_url : undefined) ?? provider.token_url,
    params: renewing ? provider.refresh_token_params : provider.token_params,
    headers: (renewing ? provider.refresh_token_headers : undefined) ?? provider.token_headers,
    method: provider.token_request_method ?? 'POST',
    format: provider.body_format ?? 'json',
  } as const;
  const more = (provider.additional_steps ?? []).map((step) => ({
    url: step.token_url,
    params: step.token_params,
    headers: step.token_headers,
    method: step.token_request_method ?? ('POST' as const),
    format: step.body_format ?? (provider.body_format === 'form' ? ('form' as const) : ('json' as const)),
  }));
  return [first, ...more];
}

/** @throws CredentialsError `two_step_credentials_fetch_error` without an answer, `invalid_two_step_credentials` with one that refuses */
export async function exchange(outbound: Outbound, { provider, steps, scope, secrets }: Exchange): Promise<Exchanged> {
  const answers: Record<string, unknown> = {};
  const cookies: Record<string, string> = {};
  const headers: Record<string, string> = {};
  let last: Pick<Exchanged, 'answer' | 'host'> = { answer: undefined, host: '' };
  for (const [index, step] of steps.entries()) {
    const request = requestOf(step, provider, { ...scope, values: { ...scope.values, ...answers } });
    const response = await askProvider(outbound, request, 'two_step_credentials_fetch_error');
    const { host } = request.url;
    last = { answer: readAnswer(response), host };
    if (response.status >= 300) {
      throw refused({ code: 'invalid_two_step_credentials', host, status: response.status, answer: last.answer, secrets });
    }
    answers[`step${index + 1}`] = last.answer;
    keep(response, provider.token_response_headers ?? [], { cookies, headers });
  }
  const joined = Object.entries(cookies).map(([name, value]) => `${name}=${value}`);
  return { ...last, kept: { ...headers, ...cookies, ...(joined.length > 0 ? { _cookies: joined.join('; ') } : {}) } };
}

function requestOf(step: Step, provider: TwoStepProvider, scope: TemplateScope): ProviderRequest & { readonly url: URL } {
  const filled = fillUrl(step.url, scope);
  if (!filled.ok) throw new CredentialsError('url_param_err', `the token URL cannot be built: ${filled.message}`);
  const custom = Object.entries(fillParams(step.headers, provider, scope)).map(([name, value]) => [name.toLowerCase(), value]);
  const { type, accept, write } = formats[step.format];
  const body = step.method === 'GET' ? null : write(fillNested(step.params ?? {}, { provider, scope }));
  return {
    method: step.method,
    url: filled.url,
    headers: { accept, 'user-agent': 'Bowline', ...(body === null ? {} : { 'content-type': type }), ...Object.fromEntries(custom) },
    body,
  };
}

type Writing = { readonly type: string; readonly accept: string; readonly write: (params: Record<string, Nested>) => string };

const formats: Readonly<Record<Format, Writing>> = {
  json: { type: 'application/json', accept: 'application/json', write: JSON.stringify },
  form: {
    type: 'application/x-www-form-urlencoded',
    accept: 'application/json',
    write: (params) =>
      new URLSearchParams(
        Object.entries(params).map(([name, value]): [string, string] => [
          name,
          typeof value === 'object' ? JSON.stringify(value) : String(value),
        ]),
      ).toString(),
  },
  xml: { type: 'application/xml', accept: 'application/xml, text/xml', write: writeXml },
};

type Kept = { readonly cookies: Record<string, string>; readonly headers: Record<string, string> };

function keep({ headers }: ProviderAnswer, names: readonly string[], kept: Kept): void {
  for (const name of names.map((one) => one.toLowerCase())) {
    const values = [headers[name] ?? []].flat();
    if (name !== 'set-cookie') {
      if (values.length > 0) kept.headers[name] = values.join(', ');
      continue;
    }
    for (const cookie of values) {
      const [, cookieName, value = ''] = /^\s*([^=;\s]+)=([^;]*)/.exec(cookie) ?? [];
      if (cookieName !== undefined) kept.cookies[cookieName] = value.trim();
    }
  }
}
