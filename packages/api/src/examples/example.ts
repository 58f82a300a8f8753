/** An example: what a caller might send on a public route and what it might get, in the shapes of that route. */
import type * as z from 'zod';
import type { Route } from '../route.ts';
import type { publicRoutes } from '../routes.ts';

type Of<R> = (R extends { readonly body: infer B extends z.ZodType } ? { readonly body: z.input<B> } : object) &
  (R extends Route ? ([z.input<R['answer']>] extends [undefined] ? object : { readonly answer: z.input<R['answer']> }) : never);

export type Resources = typeof publicRoutes;
/** Of some resources: each of their routes has one, and one of another shape does not compile. */
export type Examples<K extends keyof Resources> = {
  readonly [One in K]: { readonly [Name in keyof Resources[One]]: Of<Resources[One][Name]> };
};
export type Example = { readonly body?: unknown; readonly answer?: unknown };
