/**
 * E-mails, incrementally. The first run reads what was sent since a day; from then on Gmail's history says which messages came, changed their
 * labels or were deleted, from a history id on, which is the checkpoint. Gmail keeps a history for about a week and answers 404 for an older
 * id: then everything since that day is read again. https://developers.google.com/workspace/gmail/api/guides/sync
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { statusOf } from '../../explain.js';
import { Email, fetchMessage, toEmail } from '../message.js';

const Listed = z.array(z.object({ id: z.string() }));
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
  checkpoint: z.object({ historyId: z.string() }),

  exec: async (nango) => {
    const checkpoint = await nango.getCheckpoint();
    const historyId = (checkpoint && (await readChanges(nango, checkpoint.historyId))) || (await readAll(nango));
    if (historyId !== undefined) await nango.saveCheckpoint({ historyId });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

/** @returns the history id of the newest message, which is the first of the list; undefined for an empty mailbox */
async function readAll(nango: NangoSyncLocal): Promise<string | undefined> {
  const { since } = (await nango.getMetadata()) ?? {};
  const from = since === undefined ? Date.now() - firstDays * dayMs : Date.parse(since);
  let newest: string | undefined;
  // In seconds: a date would mean midnight in California.
  const params = { q: `after:${Math.floor(from / 1000)}` };
  for await (const page of nango.paginate({ endpoint: '/gmail/v1/users/me/messages', params, paginate: { limit: 100 }, retries: 3 })) {
    newest ??= await saveAll(
      nango,
      Listed.parse(page).map(({ id }) => id),
    );
  }
  return newest;
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
