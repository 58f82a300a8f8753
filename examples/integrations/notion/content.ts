/**
 * What functions of this integration make of Notion's objects: texts instead of lists of styled pieces, properties as plain values. The version
 * of the API is the one the catalogue pins, 2022-06-28: a database is one table. https://developers.notion.com/reference/property-value-object
 */
import { z } from 'zod';

const RichText = z.array(z.object({ plain_text: z.string() }));

export const textOf = (pieces: unknown): string => (RichText.safeParse(pieces).data ?? []).map(({ plain_text }) => plain_text).join('');

export const Parent = z.looseObject({
  type: z.string(),
  database_id: z.string().optional(),
  page_id: z.string().optional(),
  block_id: z.string().optional(),
});

/** The id of what it lies in; null at the top of the workspace. */
export const parentId = ({ database_id, page_id, block_id }: z.infer<typeof Parent>): string | null =>
  database_id ?? page_id ?? block_id ?? null;

export const Property = z.looseObject({ id: z.string(), type: z.string() });
export type Property = z.infer<typeof Property>;

export const NotionPage = z.object({
  id: z.string(),
  url: z.string(),
  created_time: z.string(),
  last_edited_time: z.string(),
  archived: z.boolean().nullish(),
  parent: Parent,
  properties: z.record(z.string(), Property),
});
export type NotionPage = z.infer<typeof NotionPage>;

/** Every page has exactly one property of the type title; in a database people call it what they like. */
export const titleOf = ({ properties }: NotionPage): string => {
  const title = Object.values(properties).find(({ type }) => type === 'title');
  return title ? textOf(title[title.type]) : '';
};

const Option = z.object({ name: z.string() }).nullish();
const Options = z.array(z.object({ name: z.string() })).catch([]);
const Ids = z.array(z.object({ id: z.string() })).catch([]);
const Dates = z.object({ start: z.string(), end: z.string().nullish() }).nullish();

/**
 * A value an app can use. Of files only the names: their addresses are signed and new each hour, which would change the record each time.
 * Formulas and rollups are what Notion computes, given as they are; buttons and what else has no value are null.
 */
export const plainValue = (property: Property): unknown => {
  const value = property[property.type];
  const read = readers[property.type];
  return read ? read(value) : (value ?? null);
};

const names = (value: unknown): string[] => Options.parse(value).map(({ name }) => name);

const readers: Readonly<Record<string, (value: unknown) => unknown>> = {
  title: textOf,
  rich_text: textOf,
  select: (value) => Option.parse(value)?.name ?? null,
  status: (value) => Option.parse(value)?.name ?? null,
  multi_select: names,
  files: names,
  people: (value) => Ids.parse(value).map(({ id }) => id),
  relation: (value) => Ids.parse(value).map(({ id }) => id),
  date: (value) => {
    const date = Dates.parse(value);
    return date ? { start: date.start, end: date.end ?? null } : null;
  },
  created_by: (value) => Ids.parse([value])[0]?.id ?? null,
  last_edited_by: (value) => Ids.parse([value])[0]?.id ?? null,
  button: () => null,
};
