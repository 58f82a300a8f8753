/**
 * `nango.paginate`: cursor, link and offset paging over the proxy, exactly as published functions expect it, corner cases included
 * (an empty link page is yielded, a short offset page ends before `on_page`, offsets are texts in a query and numbers in a body).
 * Unlike the reference the caller's `params` and `data` are copied, so one config object can be paged twice.
 */
import type { HttpResponse } from './errors.ts';
import type { ProxyConfig, Send } from './http.ts';
import { linkTo } from './link.ts';
import { getPath, setPath } from './path.ts';

type Rules = Record<string, unknown>;
type Page = { items: unknown; response: HttpResponse };
type Paging = {
  rules: Rules;
  fetch: () => Promise<Page>;
  set: (name: string, value: string | number) => void;
  follow: (link: string) => void;
  inBody: boolean;
};

export async function* paginate(proxy: Send, config: ProxyConfig, defaults: Rules | undefined): AsyncGenerator<unknown[], undefined, void> {
  const rules = { ...defaults, ...config.paginate };
  check(rules);
  const paging = prepare(proxy, config, rules);
  if (rules.type === 'cursor') yield* byCursor(paging);
  else if (rules.type === 'link') yield* byLink(paging);
  else yield* byOffset(paging);
  return undefined;
}

const required: Record<string, string[]> = {
  cursor: ['cursor_name_in_request', 'cursor_path_in_response'],
  link: [],
  offset: ['offset_name_in_request'],
};

function check(rules: Rules): void {
  const type = rules.type;
  if (!type) throw new Error('There was no pagination configuration for this integration or configuration passed in.');
  const names = required[String(type)];
  if (names === undefined) throw new Error(`Pagination type '${type}' is not supported. Use cursor, link or offset.`);
  const missing = names.filter((name) => !rules[name]);
  if (type === 'cursor' && rules.limit && !rules.limit_name_in_request) missing.push('limit_name_in_request');
  if (missing.length > 0) throw new Error(`Pagination by ${type} needs ${missing.join(' and ')}.`);
  if (type === 'link' && !rules.link_rel_in_response_header && !rules.link_path_in_response_body) {
    throw new Error('Pagination by link needs link_rel_in_response_header or link_path_in_response_body.');
  }
}

function prepare(proxy: Send, config: ProxyConfig, rules: Rules): Paging {
  const method = config.method ?? 'GET';
  const asked = rules.in_body;
  const inBody = typeof asked === 'boolean' ? asked : ['post', 'put', 'patch'].includes(method.toLowerCase());
  const bag = bagOf(inBody ? config.data : config.params);
  const limitName = rules.limit_name_in_request;
  if (rules.limit && typeof limitName === 'string') bag[limitName] = rules.limit;
  let request: ProxyConfig = { ...config, method };
  let followed = false;
  return {
    rules,
    inBody,
    set: (name, value) => {
      bag[name] = value;
    },
    follow: (link) => {
      const { params: _params, ...rest } = request;
      request = { ...rest, ...target(link) };
      followed = true;
    },
    fetch: async () => {
      if (inBody) request = { ...request, data: expanded(bag) };
      else if (!followed) request = { ...request, params: { ...bag } };
      const response = await proxy(request);
      const path = rules.response_path;
      return { response, items: typeof path === 'string' && path !== '' ? getPath(response.data, path) : response.data };
    },
  };
}

function bagOf(given: unknown): Record<string, unknown> {
  if (typeof given === 'string') return Object.fromEntries(new URLSearchParams(given));
  return typeof given === 'object' && given !== null ? { ...given } : {};
}

/** Dotted keys become nested objects, in a fresh copy each time. */
function expanded(bag: Record<string, unknown>): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(bag)) setPath(data, path, value);
  return data;
}

function target(link: string): Partial<ProxyConfig> & { endpoint: string } {
  if (!URL.canParse(link)) return { endpoint: link };
  const url = new URL(link);
  return { baseUrlOverride: url.origin, endpoint: url.pathname + url.search };
}

async function* byCursor({ rules, fetch, set }: Paging): AsyncGenerator<unknown[]> {
  for (;;) {
    const { items, response } = await fetch();
    if (!hasItems(items)) return;
    yield items;
    const next = cursorOf(getPath(response.data, String(rules.cursor_path_in_response)));
    await tell(rules, next, response);
    if (next === undefined) return;
    set(String(rules.cursor_name_in_request), next);
  }
}

function cursorOf(found: unknown): string | number | undefined {
  if (typeof found === 'number') return found;
  return typeof found === 'string' ? found.trim() || undefined : undefined;
}

async function* byLink({ rules, fetch, follow }: Paging): AsyncGenerator<unknown[]> {
  let previous: string | undefined;
  for (;;) {
    const { items, response } = await fetch();
    // Published functions handle empty and missing pages themselves here, and some count on seeing them.
    yield items as unknown[];
    const next = nextLink(rules, response);
    await tell(rules, next, response);
    if (next === undefined || next === previous) return;
    previous = next;
    follow(next);
  }
}

function nextLink(rules: Rules, response: HttpResponse): string | undefined {
  const rel = rules.link_rel_in_response_header;
  const header = typeof rel === 'string' ? linkTo(response.headers.link, rel) : undefined;
  if (header !== undefined) return header;
  const path = rules.link_path_in_response_body;
  const found = typeof path === 'string' ? getPath(response.data, path) : undefined;
  return typeof found === 'string' && found !== '' ? found : undefined;
}

async function* byOffset({ rules, fetch, set, inBody }: Paging): AsyncGenerator<unknown[]> {
  const name = String(rules.offset_name_in_request);
  const perPage = rules.offset_calculation_method === 'per-page';
  let offset = Number(rules.offset_start_value ?? 0);
  for (;;) {
    set(name, inBody ? offset : String(offset));
    const { items, response } = await fetch();
    if (!hasItems(items)) return;
    yield items;
    if (rules.limit && items.length < Number(rules.limit)) return;
    await tell(rules, offset, response);
    offset += perPage ? 1 : items.length;
  }
}

function hasItems(items: unknown): items is unknown[] {
  return typeof items === 'object' && items !== null && 'length' in items && Number(items.length) > 0;
}

async function tell(rules: Rules, nextPageParam: string | number | undefined, response: HttpResponse): Promise<void> {
  const listener = rules.on_page;
  if (typeof listener === 'function') await listener({ nextPageParam, response });
}
