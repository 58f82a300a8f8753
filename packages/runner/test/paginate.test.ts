import { describe, expect, test } from 'vitest';
import type { HttpResponse } from '../src/errors.ts';
import type { ProxyConfig } from '../src/http.ts';
import { paginate } from '../src/paginate.ts';

type Scripted = { data: unknown; headers?: Record<string, string> };

/** Pages through scripted answers; keeps the requests as they were sent. */
async function pages(config: Partial<ProxyConfig>, answers: Scripted[], defaults?: Record<string, unknown>) {
  const requests: ProxyConfig[] = [];
  const proxy = async (request: ProxyConfig): Promise<HttpResponse> => {
    requests.push(structuredClone({ ...request, paginate: {} }));
    const { data, headers = {} } = answers[requests.length - 1] ?? { data: null };
    return { data, headers, status: 200, statusText: 'OK', config: request };
  };
  const seen: unknown[] = [];
  for await (const page of paginate(proxy, { endpoint: '/users', ...config }, defaults)) seen.push(page);
  return { seen, requests };
}

const cursor = { type: 'cursor', cursor_name_in_request: 'after', cursor_path_in_response: 'meta.next', response_path: 'items' };
const offset = { type: 'offset', offset_name_in_request: 'skip', response_path: 'items' };

describe('cursor', () => {
  test('sends the limit always and the cursor from the second page on, and stops without one', async () => {
    const answers = [
      { data: { items: [1], meta: { next: ' abc ' } } },
      { data: { items: [2], meta: { next: 0 } } },
      { data: { items: [3], meta: { next: '' } } },
    ];
    const { seen, requests } = await pages(
      { params: { q: 'x' }, paginate: { ...cursor, limit: 50, limit_name_in_request: 'per' } },
      answers,
    );
    expect(seen).toEqual([[1], [2], [3]]);
    expect(requests.map((request) => request.params)).toEqual([
      { q: 'x', per: 50 },
      { q: 'x', per: 50, after: 'abc' },
      { q: 'x', per: 50, after: 0 },
    ]);
  });

  test.each([null, true, { a: 1 }, undefined])('takes %j for no cursor', async (next) => {
    expect((await pages({ paginate: cursor }, [{ data: { items: [1], meta: { next } } }])).seen).toEqual([[1]]);
  });

  test('ends on an empty page without yielding it', async () => {
    expect(
      (await pages({ paginate: cursor }, [{ data: { items: [1], meta: { next: 'n' } } }, { data: { items: [], meta: { next: 'm' } } }]))
        .seen,
    ).toEqual([[1]]);
  });

  test('prefers a whole path that is itself a key', async () => {
    const rules = { ...cursor, cursor_path_in_response: '@odata.next', response_path: 'value' };
    const { requests } = await pages({ paginate: rules }, [{ data: { value: [1], '@odata.next': 'n' } }, { data: { value: [] } }]);
    expect(requests[1]?.params).toEqual({ after: 'n' });
  });

  test('puts dotted names nested into the body of a POST, leaving the caller’s object alone', async () => {
    const data = { filter: { a: 1 } };
    const rules = { ...cursor, cursor_name_in_request: 'page.after', limit: 2, limit_name_in_request: 'page.size' };
    const { requests } = await pages({ method: 'POST', data, paginate: rules }, [
      { data: { items: [1], meta: { next: 'n' } } },
      { data: { items: [] } },
    ]);
    expect(requests.map((request) => request.data)).toEqual([
      { filter: { a: 1 }, page: { size: 2 } },
      { filter: { a: 1 }, page: { size: 2, after: 'n' } },
    ]);
    expect(data).toEqual({ filter: { a: 1 } });
  });

  test('tells on_page the next cursor, and undefined on the last page', async () => {
    const told: unknown[] = [];
    const on_page = ({ nextPageParam }: { nextPageParam: unknown }) => void told.push(nextPageParam);
    await pages({ paginate: { ...cursor, on_page } }, [{ data: { items: [1], meta: { next: 'n' } } }, { data: { items: [2] } }]);
    expect(told).toEqual(['n', undefined]);
  });
});

describe('link', () => {
  test('follows an absolute Link header by replacing base and endpoint and dropping the query', async () => {
    const link = '<https://api.example.com/users?page=0>; rel="prev", <https://api.example.com/users?page=2>; rel="next"';
    const { seen, requests } = await pages({ params: { page: 1 }, paginate: { type: 'link', link_rel_in_response_header: 'next' } }, [
      { data: [1], headers: { link } },
      { data: [] },
    ]);
    expect(seen).toEqual([[1], []]);
    expect(requests[1]).toMatchObject({ baseUrlOverride: 'https://api.example.com', endpoint: '/users?page=2' });
    expect(requests[1]).not.toHaveProperty('params');
  });

  test('follows a relative link in the body, and stops when a link repeats', async () => {
    const rules = { type: 'link', link_path_in_response_body: 'next', response_path: 'items' };
    const { seen, requests } = await pages({ paginate: rules }, [
      { data: { items: [1], next: '/p2' } },
      { data: { items: [2], next: '/p2' } },
    ]);
    expect(seen).toEqual([[1], [2]]);
    expect(requests.map((request) => request.endpoint)).toEqual(['/users', '/p2']);
  });
});

describe('offset', () => {
  test('counts by the size of pages, as text in a query', async () => {
    const { requests } = await pages({ paginate: offset }, [
      { data: { items: [1, 2] } },
      { data: { items: [3] } },
      { data: { items: [] } },
    ]);
    expect(requests.map((request) => request.params)).toEqual([{ skip: '0' }, { skip: '2' }, { skip: '3' }]);
  });

  test('counts by pages from a start value, as a number in a body', async () => {
    const rules = { ...offset, offset_start_value: 1, offset_calculation_method: 'per-page' };
    const { requests } = await pages({ method: 'post', paginate: rules }, [{ data: { items: [1, 2] } }, { data: { items: [] } }]);
    expect(requests.map((request) => request.data)).toEqual([{ skip: 1 }, { skip: 2 }]);
  });

  test('ends after a page shorter than the limit, before on_page, which hears the current offset', async () => {
    const told: unknown[] = [];
    const rules = {
      ...offset,
      limit: 2,
      limit_name_in_request: 'n',
      on_page: ({ nextPageParam }: { nextPageParam: unknown }) => void told.push(nextPageParam),
    };
    const { seen } = await pages({ paginate: rules }, [{ data: { items: [1, 2] } }, { data: { items: [3] } }, { data: { items: [4] } }]);
    expect(seen).toEqual([[1, 2], [3]]);
    expect(told).toEqual([0]);
  });
});

describe('rules', () => {
  test('come from the provider, key by key overridden by the caller', async () => {
    const { requests } = await pages({ paginate: { limit: 10 } }, [{ data: { items: [] } }], {
      ...cursor,
      limit: 100,
      limit_name_in_request: 'per',
    });
    expect(requests[0]?.params).toEqual({ per: 10 });
  });

  test.each([
    [{}, 'There was no pagination configuration'],
    [{ type: 'magic' }, `type 'magic' is not supported`],
    [{ type: 'cursor' }, 'cursor_name_in_request and cursor_path_in_response'],
    [{ ...cursor, limit: 1 }, 'limit_name_in_request'],
    [{ type: 'link' }, 'link_rel_in_response_header or link_path_in_response_body'],
    [{ type: 'offset' }, 'offset_name_in_request'],
  ])('%j fail before any request', async (rules, message) => {
    await expect(pages({ paginate: rules }, [])).rejects.toThrow(message);
  });
});
