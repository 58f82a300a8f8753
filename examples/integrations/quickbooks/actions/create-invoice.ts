/** Creates an invoice. With a request id of the app's own Intuit answers a second attempt with the first one's invoice, so it is retried. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { companyPath, explain, headers, minorversion } from '../company.js';

const Input = z.object({
  customer_id: z.string().min(1),
  lines: z
    .array(
      z.object({
        item_id: z.string().min(1).describe('A product or service of the company'),
        quantity: z.number().positive(),
        unit_price: z.number(),
        description: z.string().optional(),
      }),
    )
    .min(1),
  due_date: z.iso.date().optional(),
  request_id: z.string().min(1).max(50).optional().describe("The app's own id of this attempt"),
});

const Created = z.object({ Invoice: z.object({ Id: z.string(), DocNumber: z.string().optional(), TotalAmt: z.number() }) });

const action = createAction({
  description: 'Creates an invoice for a customer',
  version: '1.0.0',
  scopes: ['com.intuit.quickbooks.accounting'],
  input: Input,
  output: z.object({ id: z.string(), number: z.string().nullable(), total: z.number() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { customer_id, lines, due_date: DueDate, request_id } = data;
    const Line = lines.map(({ item_id, quantity: Qty, unit_price: UnitPrice, description: Description }) => ({
      DetailType: 'SalesItemLineDetail',
      Amount: Math.round(Qty * UnitPrice * 100) / 100, // has to be the product of both, in cents
      Description,
      SalesItemLineDetail: { ItemRef: { value: item_id }, Qty, UnitPrice },
    }));
    try {
      const response = await nango.post({
        endpoint: `${await companyPath(nango)}/invoice`,
        params: { minorversion, ...(request_id !== undefined && { requestid: request_id }) },
        headers,
        data: { CustomerRef: { value: customer_id }, Line, DueDate },
        retries: request_id === undefined ? 0 : 3,
      });
      const { Id, DocNumber, TotalAmt } = Created.parse(response.data).Invoice;
      return { id: Id, number: DocNumber ?? null, total: TotalAmt };
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
