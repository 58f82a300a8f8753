import { ProxyConfiguration } from 'nango';
import type { NangoSyncLocal } from '../syncs/items.js';

/** A request as the syncs of this integration make it. */
export const pagesOf = (team: string): ProxyConfiguration => ({
  endpoint: '/items',
  params: { team },
  retries: 3,
  paginate: {
    type: 'cursor',
    cursor_name_in_request: 'page',
    cursor_path_in_response: 'next',
    response_path: 'items',
    limit: 2,
    limit_name_in_request: 'size',
  },
});

/** Typed by the sync that hands itself in. */
export const teamOf = async (nango: NangoSyncLocal): Promise<string> => (await nango.getMetadata()).team;
