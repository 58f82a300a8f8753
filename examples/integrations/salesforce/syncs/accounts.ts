/** Accounts as they change, deleted ones removed. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { type FieldMapping, readMapped } from '../../fields.js';
import { Checkpoint, type Row, readChanges, time } from '../records.js';

const Account = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string().nullable(),
  industry: z.string().nullable(),
  website: z.string().nullable(),
  phone: z.string().nullable(),
  employees: z.number().nullable(),
  city: z.string().nullable(),
  country: z.string().nullable(),
  parent_id: z.string().nullable(),
  owner_id: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  custom: z.record(z.string(), z.string().nullable()),
});

const SalesforceAccount = z.object({
  Id: z.string(),
  Name: z.string(),
  Type: z.string().nullable(),
  Industry: z.string().nullable(),
  Website: z.string().nullable(),
  Phone: z.string().nullable(),
  NumberOfEmployees: z.number().nullable(),
  BillingCity: z.string().nullable(),
  BillingCountry: z.string().nullable(),
  ParentId: z.string().nullable(),
  OwnerId: z.string(),
  CreatedDate: z.string(),
  LastModifiedDate: z.string(),
});

const sync = createSync({
  description: 'Accounts as they change, with the fields the customer maps',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  autoStart: true,
  scopes: ['api', 'refresh_token'],
  models: { Account },
  /** The app's field → Salesforce's API name, as `{ "tier": "Tier__c", "parent": "Parent.Name" }`; `list-fields` has the names. */
  metadata: z.object({ accountFieldMapping: z.record(z.string(), z.string()).optional() }),
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const { accountFieldMapping: fieldMapping = {} } = (await nango.getMetadata()) ?? {};
    await readChanges(
      nango,
      { name: 'Account', fields: Object.keys(SalesforceAccount.shape), fieldMapping },
      (rows) =>
        nango.batchSave(
          rows.map((row) => toAccount(row, fieldMapping)),
          'Account',
        ),
      (deleted) => nango.batchDelete(deleted, 'Account'),
    );
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toAccount = (row: Row, fieldMapping: FieldMapping): z.infer<typeof Account> => {
  const account = SalesforceAccount.parse(row);
  return {
    id: account.Id,
    name: account.Name,
    type: account.Type,
    industry: account.Industry,
    website: account.Website,
    phone: account.Phone,
    employees: account.NumberOfEmployees,
    city: account.BillingCity,
    country: account.BillingCountry,
    parent_id: account.ParentId,
    owner_id: account.OwnerId,
    created_at: time(account.CreatedDate),
    updated_at: time(account.LastModifiedDate),
    custom: readMapped(fieldMapping, row),
  };
};
