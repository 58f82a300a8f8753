/**
 * Fills a template that must become an absolute http(s) URL: authorize, token and base URLs.
 * Values come from end users, so one may not change the host the provider's author wrote: in the host a value must look like
 * (part of) a host name, after it every value is percent-encoded. A value that makes up the whole beginning may be a full URL,
 * and one that is the whole host may bring the path on that host along (`sap.example.com:50000/b1s/v1`).
 */
import { fillTemplate, type TemplateScope } from './template.ts';

export type FilledUrl =
  | { readonly ok: true; readonly url: URL }
  | { readonly ok: false; readonly unresolved: readonly string[]; readonly message: string };

/** The filled URL, or the placeholders without a value, or why the result is not a usable URL. The message holds no values. */
export function fillUrl(template: string, scope: TemplateScope): FilledUrl {
  let refused = false;
  const filled = fillTemplate(template, scope, (value, before, next) => {
    if (before === '') return fullUrl.test(value) ? value.replace(/\/+$/, '') : value;
    if (!/^https?:\/\/[^/?#]*$/i.test(before)) return encodeURIComponent(value);
    const isWhole = before.endsWith('://') && next !== undefined && /^(?:\/|$)/.test(next);
    if (!(isWhole ? hostAndPath : hostPart).test(value)) refused = true;
    return isWhole ? value.replace(/\/+$/, '') : value;
  });
  if (filled.unresolved.length > 0) {
    return { ok: false, unresolved: filled.unresolved, message: `no value for ${filled.unresolved.join(', ')}` };
  }
  const url = refused || !fullUrl.test(filled.text) ? null : URL.parse(filled.text);
  if (!url) return { ok: false, unresolved: [], message: `the values filled into ${template} do not make a valid http(s) URL` };
  return { ok: true, url };
}

const fullUrl = /^https?:\/\/[^/?#\s]+/i;
const host = /(?:[A-Za-z0-9._-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?)/;
const hostPart = new RegExp(`^${host.source}$`);
/** No dot segments: they would leave the path that follows. */
const hostAndPath = new RegExp(`^${host.source}(?:/(?!\\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)*/*$`);
