import * as z from 'zod';

export const Item = z.object({
  id: z.string(),
  name: z.string().describe('What the shop calls it'),
  tags: z.array(z.string()).optional(),
  owner: z.object({ email: z.email().nullable() }).optional(),
});
export type Item = z.infer<typeof Item>;

export const Shop = z.object({ team: z.string(), region: z.enum(['eu', 'us']).default('eu') });
