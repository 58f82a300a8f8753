/** Creates a sales invoice, as a draft unless told otherwise. With a key of the app's own Xero makes it once only, so it is retried. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { api, explain, headers } from '../accounting.js';

const Input = z.object({
  contact_id: z.uuid(),
  lines: z
    .array(
      z.object({
        description: z.string().min(1),
        quantity: z.number().positive(),
        unit_amount: z.number(),
        account_code: z.string().optional().describe('As 200; needed unless it stays a draft'),
      }),
    )
    .min(1),
  due_date: z.iso.date().optional().describe('Needed unless it stays a draft'),
  reference: z.string().optional(),
  is_approved: z.boolean().optional().describe('True books it; default: a draft'),
  idempotency_key: z.string().min(1).max(128).optional().describe("The app's own id of this attempt"),
});

const Created = z.object({ InvoiceID: z.string(), InvoiceNumber: z.string().optional(), Status: z.string(), Total: z.number() });
const Answer = z.object({ Invoices: z.tuple([Created]) });

const action = createAction({
  description: 'Creates a sales invoice',
  version: '1.0.0',
  scopes: ['offline_access', 'accounting.invoices'],
  input: Input,
  output: z.object({ id: z.string(), number: z.string().nullable(), status: z.string(), total: z.number() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { contact_id, lines, due_date: DueDate, reference: Reference, is_approved = false, idempotency_key } = data;
    const LineItems = lines.map(({ description, quantity, unit_amount, account_code }) => ({
      Description: description,
      Quantity: quantity,
      UnitAmount: unit_amount,
      AccountCode: account_code,
    }));
    const Status = is_approved ? 'AUTHORISED' : 'DRAFT';
    try {
      const response = await nango.post({
        endpoint: `${api}/Invoices`,
        headers: { ...headers, ...(idempotency_key !== undefined && { 'idempotency-key': idempotency_key }) },
        data: { Type: 'ACCREC', Contact: { ContactID: contact_id }, LineItems, DueDate, Reference, Status },
        retries: idempotency_key === undefined ? 0 : 3,
      });
      const [invoice] = Answer.parse(response.data).Invoices;
      return { id: invoice.InvoiceID, number: invoice.InvoiceNumber || null, status: invoice.Status, total: invoice.Total };
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
