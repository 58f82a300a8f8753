import { createAction } from 'nango';
import * as z from 'zod';

const Base = z.object({ id: z.uuid(), at: z.iso.datetime() });
const Tree: z.ZodType<{ name: string; below: unknown[] }> = z.lazy(() => z.object({ name: z.string(), below: z.array(Tree) }));

export default createAction({
  description: 'Idioms of zod 4',
  input: z.discriminatedUnion('kind', [
    Base.extend({ kind: z.literal('card'), last4: z.string().length(4).regex(/^\d+$/) }),
    Base.pick({ id: true }).extend({ kind: z.literal(['bank', 'cash']), iban: z.string().nullish() }),
  ]),
  output: z.object({
    kind: z.templateLiteral(['kind-', z.string()]),
    tree: Tree,
    pair: z.tuple([z.string(), z.int()]),
    map: z.partialRecord(z.enum(['a', 'b']), z.boolean()),
    date: z.date().or(z.string()),
    either: z.xor([z.string(), z.number()]).optional(),
    rest: z.object({ known: z.string() }).catchall(z.number()),
    any: z.json(),
  }),
  exec: (_nango, input) => ({
    kind: `kind-${input.kind}` as const,
    tree: { name: 'root', below: [{ name: 'leaf', below: [] }] },
    pair: ['a', 1] as [string, number],
    map: { a: true },
    date: '2026-01-01',
    rest: { known: 'x' } as { known: string } & Record<string, never>,
    any: [1, null],
  }),
});
