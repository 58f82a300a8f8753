/**
 * Files and folders, incrementally. The first run asks for a token of the present, then reads everything; the next ones are told every change
 * since the token. The token is asked for first: what changes while everything is read is told again, not lost. What was deleted, put into the
 * trash or taken out of the person's reach is deleted. https://developers.google.com/workspace/drive/api/guides/manage-changes
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { DriveFile, File, fileFields, toFile } from '../file.js';

/** Files of shared drives too, wherever Drive asks. */
const everywhere = { supportsAllDrives: 'true', includeItemsFromAllDrives: 'true' };

const Start = z.object({ startPageToken: z.string() });
const Changes = z.object({
  changes: z.array(z.object({ fileId: z.string().nullish(), removed: z.boolean().nullish(), file: DriveFile.nullish() })),
  nextPageToken: z.string().nullish(),
  newStartPageToken: z.string().nullish(),
});

const sync = createSync({
  description: 'Names, folders and times of all files the person can see, as they change; deletions included',
  version: '1.0.0',
  frequency: 'every 10 minutes',
  autoStart: true,
  scopes: ['https://www.googleapis.com/auth/drive.metadata.readonly'],
  models: { File },
  checkpoint: z.object({ pageToken: z.string() }),

  exec: async (nango) => {
    const checkpoint = await nango.getCheckpoint();
    if (checkpoint) await readChanges(nango, checkpoint.pageToken);
    else await readAll(nango);
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

async function readAll(nango: NangoSyncLocal): Promise<void> {
  const params = { supportsAllDrives: 'true' };
  const start = Start.parse((await nango.get({ endpoint: '/drive/v3/changes/startPageToken', params, retries: 3 })).data);
  await nango.trackDeletesStart('File');
  const pages = nango.paginate({
    endpoint: '/drive/v3/files',
    params: { ...everywhere, corpora: 'user', q: 'trashed = false', fields: `nextPageToken,files(${fileFields})` },
    paginate: { limit: 1000 },
    retries: 3,
  });
  for await (const page of pages) await nango.batchSave(z.array(DriveFile).parse(page).map(toFile), 'File');
  await nango.trackDeletesEnd('File');
  await nango.saveCheckpoint({ pageToken: start.startPageToken });
}

async function readChanges(nango: NangoSyncLocal, first: string): Promise<void> {
  const fields = `nextPageToken,newStartPageToken,changes(fileId,removed,file(${fileFields}))`;
  for (let pageToken = first; ; ) {
    const params = { ...everywhere, pageToken, pageSize: 1000, fields };
    const { changes, nextPageToken, newStartPageToken } = Changes.parse(
      (await nango.get({ endpoint: '/drive/v3/changes', params, retries: 3 })).data,
    );
    // Within a page a file may come twice; the last one counts.
    const latest = new Map(
      changes.flatMap(({ fileId, removed, file }) => (fileId ? [[fileId, removed || !file || file.trashed ? null : file]] : [])),
    );
    await nango.batchSave(
      [...latest.values()].flatMap((file) => (file ? toFile(file) : [])),
      'File',
    );
    await nango.batchDelete(
      [...latest].flatMap(([id, file]) => (file ? [] : [{ id }])),
      'File',
    );
    const next = nextPageToken ?? newStartPageToken;
    if (next) await nango.saveCheckpoint({ pageToken: next });
    if (!nextPageToken) return;
    pageToken = nextPageToken;
  }
}
