/** The kinds of zod schema a function declares, and what an author's code sees of them. */
import type { z } from 'zod';

/** A model: an object with a string `id`, unique within the connection. */
export type ZodModel = z.ZodObject<{ id: z.ZodString }>;
export type ZodModels = Record<string, ZodModel>;

/** What the app stores on a connection for its functions, for example a field mapping. */
export type ZodMetadata = z.ZodObject | z.ZodVoid | undefined;

/** A resume point: a flat object of strings, numbers and booleans. */
export type ZodCheckpoint = z.ZodObject<Record<string, z.ZodType<string | number | boolean | null | undefined>>> | undefined;

/** Without a schema nothing is known, so the inferred type is `never`; pass a type argument or parse with zod. */
export type Infer<Schema> = Schema extends z.ZodType ? z.infer<Schema> : never;

/** Any record of any of the models. */
export type AnyRecord<Models extends ZodModels> = z.infer<Models[keyof Models]>;
export type ModelName<Models extends ZodModels> = keyof Models & string;
