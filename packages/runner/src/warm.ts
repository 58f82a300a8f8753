/**
 * Zod completes its classes when the first schema of each is made, and its settings at the first parse. Doing both once here, before the
 * realm's picture is taken, keeps an ordinary schema from looking like a change. A kind that is missing here costs a realm a run, nothing else.
 */
import * as z from 'zod';

type Make = () => z.ZodType;
type Class = { readonly name: string; readonly prototype: object };

export function warmZod(): void {
  for (const make of [...plain, ...composed, ...refined]) warm(make);
  // The inner classes, of which zod's own are made; whoever makes one directly completes it. Whatever reaches its members does, so no kind needs to be known.
  for (const inner of Object.values(z.core))
    if (isInnerSchema(inner)) z.core.$ZodType.init(Object.create(inner.prototype), { type: 'any' });
  z.function({ input: [text], output: text });
  new z.ZodError([]);
  z.toJSONSchema(z.object({ a: text, b: z.array(z.number()) }));
}

/** `$ZodType` itself stays as it is: libraries add methods for all schemas to what is called a type. */
function isInnerSchema(value: unknown): value is Class {
  return typeof value === 'function' && Object.hasOwn(value, 'init') && /^\$Zod(?!Check|Type$|.*Error$)/.test(value.name);
}

const text = z.string();
const pass = (value: unknown) => value;

const plain: Make[] = [
  ...[z.string, z.number, z.int, z.boolean, z.bigint, z.symbol, z.undefined, z.null, z.any, z.unknown, z.never, z.void, z.date, z.nan],
  ...[z.int32, z.uint32, z.float32, z.float64, z.int64, z.uint64, z.json, z.stringbool, z.file],
  ...[z.email, z.guid, z.uuid, z.uuidv4, z.uuidv6, z.uuidv7, z.url, z.httpUrl, z.emoji, z.nanoid, z.cuid, z.cuid2, z.ulid, z.xid, z.ksuid],
  ...[z.ipv4, z.ipv6, z.mac, z.cidrv4, z.cidrv6, z.base64, z.base64url, z.e164, z.jwt, z.hostname, z.hex],
  ...[z.iso.date, z.iso.time, z.iso.datetime, z.iso.duration],
  ...[z.coerce.string, z.coerce.number, z.coerce.boolean, z.coerce.bigint, z.coerce.date],
];

const composed: Make[] = [
  () => z.array(text).min(1).max(2).length(1).nonempty(),
  () => z.object({ a: text }).extend({ b: z.number() }).partial().required().pick({ a: true }).catchall(text),
  () => z.strictObject({ a: text }).omit({ a: true }),
  () => z.looseObject({ a: text }).passthrough(),
  () => z.union([text, z.number()]),
  () => z.xor([text, z.number()]),
  () => z.success(text),
  () => z.looseRecord(text, text),
  () => z.discriminatedUnion('t', [z.object({ t: z.literal('a') }), z.object({ t: z.literal('b') })]),
  () => z.intersection(z.object({}), z.object({})),
  () => z.tuple([text]).rest(text),
  () => z.record(text, text),
  () => z.partialRecord(z.enum(['a']), text),
  () => z.map(text, text).min(1).max(2),
  () => z.set(text).min(1).max(2).size(1),
  () => z.enum(['a', 'b']).exclude(['a']),
  () => z.literal('a'),
  () => z.transform(pass),
  () => z.preprocess(pass, text),
  () => z.codec(text, text, { decode: (one) => one, encode: (one) => one }),
  () => z.templateLiteral(['a', text]),
  () => z.lazy(() => text),
  () => z.promise(text),
  () => z.custom(() => true),
  () => z.instanceof(Error),
];

const refined: Make[] = [
  () =>
    text
      .optional()
      .nullable()
      .nullish()
      .nonoptional()
      .default('a')
      .prefault('a')
      .catch('a')
      .pipe(text)
      .readonly()
      .describe('a')
      .meta({ title: 'a' }),
  () => text.min(1).max(2).length(1).regex(/a/).includes('a').startsWith('a').endsWith('a').lowercase().trim().toLowerCase().toUpperCase(),
  () =>
    text
      .uppercase()
      .normalize()
      .brand<'a'>()
      .refine(Boolean)
      .superRefine(() => undefined)
      .overwrite((one) => one)
      .transform(pass)
      .exactOptional(),
  () => z.number().int().positive().negative().nonnegative().nonpositive().min(0).max(1).gt(0).lt(1).multipleOf(2).finite().safe(),
  () => z.bigint().positive().min(0n).multipleOf(2n),
  () => z.date().min(new Date(0)).max(new Date(0)),
  () => z.file().min(1).max(2).mime('a/b'),
];

/** Refuses and accepts once, so that messages and compiled parsers are there too. */
function warm(make: Make): void {
  try {
    const schema = make();
    schema.safeParse('a');
    schema.safeParse({ a: 'a', t: 'a' });
    schema.safeParse(undefined);
  } catch {
    // A promise cannot be parsed in one turn; its class is complete all the same.
  }
}
