/** The fields of a contact that this integration reads. */
import { z } from 'zod';

export const SalesforceContact = z.object({
  Id: z.string(),
  FirstName: z.string().nullable(),
  LastName: z.string(),
  Email: z.string().nullable(),
  Phone: z.string().nullable(),
  MobilePhone: z.string().nullable(),
  Title: z.string().nullable(),
  AccountId: z.string().nullable(),
  OwnerId: z.string(),
  CreatedDate: z.string(),
  LastModifiedDate: z.string(),
  /** Only where `Account.Name` was asked for. */
  Account: z.object({ Name: z.string() }).nullish(),
});
