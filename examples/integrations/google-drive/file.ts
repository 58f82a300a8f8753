/** A file as the sync gives it, and the fields Google is asked for: without the list it answers only four. */
import { z } from 'zod';

export const File = z.object({
  id: z.string(),
  name: z.string(),
  mime_type: z.string(),
  folder_id: z.string().nullable().describe('null for what was shared with the person and lies in no folder of theirs'),
  drive_id: z.string().nullable().describe('Of a shared drive; null in My Drive'),
  size: z.number().nullable().describe("null for Google's own documents"),
  md5: z.string().nullable().describe('Changes when the content does'),
  owner: z.string().nullable().describe('E-mail address; null on shared drives'),
  created_at: z.string().nullable(),
  modified_at: z.string().nullable(),
  url: z.string().nullable(),
});
export type File = z.infer<typeof File>;

export const DriveFile = z.object({
  id: z.string(),
  name: z.string(),
  mimeType: z.string(),
  parents: z.array(z.string()).nullish(),
  driveId: z.string().nullish(),
  size: z.string().nullish(),
  md5Checksum: z.string().nullish(),
  owners: z.array(z.object({ emailAddress: z.string().nullish() })).nullish(),
  createdTime: z.string().nullish(),
  modifiedTime: z.string().nullish(),
  webViewLink: z.string().nullish(),
  trashed: z.boolean().nullish(),
});
export type DriveFile = z.infer<typeof DriveFile>;

export const fileFields =
  'id,name,mimeType,parents,driveId,size,md5Checksum,owners(emailAddress),createdTime,modifiedTime,webViewLink,trashed';

export const toFile = (file: DriveFile): File => ({
  id: file.id,
  name: file.name,
  mime_type: file.mimeType,
  folder_id: file.parents?.[0] ?? null,
  drive_id: file.driveId ?? null,
  size: file.size ? Number(file.size) : null,
  md5: file.md5Checksum ?? null,
  owner: file.owners?.[0]?.emailAddress ?? null,
  created_at: file.createdTime ?? null,
  modified_at: file.modifiedTime ?? null,
  url: file.webViewLink ?? null,
});
