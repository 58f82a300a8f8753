/**
 * E-mails, incrementally. The first run reads what was sent since a day; from then on Gmail's history says which messages came, changed their
 * labels or were deleted, from a history id on, which is the checkpoint. Gmail keeps a history for about a week and answers 404 for an older
 * id: then everything since that day is read again. https://developers.google.com/workspace/gmail/api/guides/sync
 *
 * The first run may be over many thousands of messages. The checkpoint is saved after each page of it, so that a run that is interrupted goes on
 * with the next page.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { statusOf } from '../../explain.js';
import { Email, fetchMessage, toEmail } from '../message.js';

const Listed = z.object({ messages: z.array(z.object({ id: z.string() })).nullish(), nextPageToken: z.string().nullish() });
const Change = z.array(z.object({ message: z.object({ id: z.string() }) })).nullish();
const History = z.object({
  history: z.array(z.object({ messagesAdded: Change, messagesDeleted: Change, labelsAdded: Change, labelsRemoved: Change })).nullish(),
  historyId: z.string(),
  nextPageToken: z.string().nullish(),
});

/** Gmail lists ids only; each message is a request. Ten at a time are well within what it allows a person. */
const together = 10;
const firstDays = 30;
const dayMs = 24 * 3600_000;

const sync = createSync({
  description: 'E-mails of the last 30 days, or since the day you choose, then every change; deletions included',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  scopes: ['https://www.googleapis.com/auth/gmail.readonly'],
  models: { Email },
  metadata: z.object({
    /** The first day to read, as 2026-01-31. After a change the app triggers the sync with `reset`. */
    since: z.string().optional(),
  }),
  checkpoint: z.object({
    historyId: z.string().describe('Where the history goes on'),
    query: z.string().describe('What the first run reads; with the token of its next page. Both empty once it is over'),
    pageToken: z.string(),
  }),

  exec: async (nango) => {
    const checkpoint = await nango.getCheckpoint();
    if (checkpoint && checkpoint.pageToken !== '') {
      await readAll(nango, checkpoint.query, checkpoint);
    } else {
      const historyId = checkpoint ? await readChanges(nango, checkpoint.historyId) : undefined;
      if (historyId === undefined) await readAll(nango, await firstQuery(nango));
      else await nango.saveCheckpoint({ historyId, ...over });
    }
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const over = { query: '', pageToken: '' };

async function firstQuery(nango: NangoSyncLocal): Promise<string> {
  const { since } = (await nango.getMetadata()) ?? {};
  const from = since === undefined ? Date.now() - firstDays * dayMs : Date.parse(since);
  // In seconds: a date would mean midnight in California.
  return `after:${Math.floor(from / 1000)}`;
}

/** Every message of the query. History goes on from the newest one, which is the first of the list. */
async function readAll(nango: NangoSyncLocal, query: string, at = { historyId: '', pageToken: '' }): Promise<void> {
  let { historyId, pageToken } = at;
  do {
    const params = { q: query, maxResults: 100, ...(pageToken !== '' && { pageToken }) };
    const response = await nango.get({ endpoint: '/gmail/v1/users/me/messages', params, retries: 3 });
    const { messages, nextPageToken } = Listed.parse(response.data);
    const newest = await saveAll(
      nango,
      (messages ?? []).map(({ id }) => id),
    );
    historyId ||= newest ?? '';
    pageToken = nextPageToken ?? '';
    // Of an empty mailbox there is no history to go on from: the next run asks again.
    if (historyId !== '') await nango.saveCheckpoint({ historyId, ...(pageToken === '' ? over : { query, pageToken }) });
  } while (pageToken !== '');
}

/** @returns the history id to go on from; undefined when Gmail does not remember the one given */
async function readChanges(nango: NangoSyncLocal, startHistoryId: string): Promise<string | undefined> {
  const changed = new Set<string>();
  const deleted = new Set<string>();
  for (let pageToken: string | undefined; ; ) {
    const params = { startHistoryId, maxResults: 500, ...(pageToken !== undefined && { pageToken }) };
    const response = await nango.get({ endpoint: '/gmail/v1/users/me/history', params, retries: 3 }).catch((error: unknown) => {
      if (statusOf(error) === 404) return undefined;
      throw error;
    });
    if (!response) return undefined;
    const { history, historyId, nextPageToken } = History.parse(response.data);
    for (const { messagesAdded, messagesDeleted, labelsAdded, labelsRemoved } of history ?? []) {
      for (const { message } of [...(messagesAdded ?? []), ...(labelsAdded ?? []), ...(labelsRemoved ?? [])]) changed.add(message.id);
      for (const { message } of messagesDeleted ?? []) deleted.add(message.id);
    }
    if (!nextPageToken) {
      for (const id of deleted) changed.delete(id);
      await saveAll(nango, [...changed]);
      await nango.batchDelete(
        [...deleted].map((id) => ({ id })),
        'Email',
      );
      return historyId;
    }
    pageToken = nextPageToken;
  }
}

/** @returns the history id of the first message that is still there */
async function saveAll(nango: NangoSyncLocal, ids: readonly string[]): Promise<string | undefined> {
  let first: string | undefined;
  for (let at = 0; at < ids.length; at += together) {
    const found = await Promise.all(ids.slice(at, at + together).map((id) => fetchIfThere(nango, id)));
    const messages = found.flatMap((message) => message ?? []);
    first ??= messages[0]?.historyId;
    await nango.batchSave(messages.map(toEmail), 'Email');
  }
  return first;
}

/** @returns undefined for a message that was deleted since it was listed */
const fetchIfThere = (nango: NangoSyncLocal, id: string) =>
  fetchMessage(nango, id).catch((error: unknown) => {
    if (statusOf(error) === 404) return undefined;
    throw error;
  });
