/** How functions of this integration talk to Linear: one GraphQL address, pages by cursor, refusals in the body whatever the status. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';

const Errors = z.array(
  z.object({ message: z.string(), extensions: z.looseObject({ userPresentableMessage: z.string().nullish() }).nullish() }),
);
const Answer = z.object({ data: z.unknown(), errors: Errors.optional() });
/** Input that is not valid is answered with status 400 and the same body. */
const Refusal = z.object({ response: z.object({ status: z.literal(400), data: z.object({ data: z.unknown(), errors: Errors }) }) });

type Variables = Record<string, unknown>;

/** For queries: sent again after a failure. `data` is parsed with the schema. */
export const query = async <S extends z.ZodType>(nango: NangoAction, schema: S, text: string, variables: Variables = {}) =>
  schema.parse(await ask(nango, text, variables, 3)) as z.infer<S>;

/** For mutations: sent once, because a second attempt after a lost answer would do it twice. */
export const mutate = async <S extends z.ZodType>(nango: NangoAction, schema: S, text: string, variables: Variables) =>
  schema.parse(await ask(nango, text, variables, 0)) as z.infer<S>;

/** @throws ActionError with what Linear says, which is written for people: "Entity not found: Team" */
const ask = async (nango: NangoAction, text: string, variables: Variables, retries: number): Promise<unknown> => {
  const response = await nango.post({ endpoint: '/graphql', data: { query: text, variables }, retries }).catch((error: unknown) => {
    const refusal = Refusal.safeParse(error);
    if (!refusal.success) throw error;
    return refusal.data.response;
  });
  const { data, errors = [] } = Answer.parse(response.data);
  if (errors.length === 0) return data;
  const said = errors.map(({ message, extensions }) => extensions?.userPresentableMessage ?? message);
  throw new nango.ActionError({ message: `Linear refused: ${said.join(' ')}` });
};

/**
 * Every page of a list. The query takes `$after: String`, and names its list `page`: `page: teams(first: 50, after: $after) { … }` with
 * `nodes` and `pageInfo { hasNextPage endCursor }`.
 */
export async function* pages<S extends z.ZodType>(nango: NangoAction, node: S, text: string, variables: Variables = {}) {
  const Page = z.object({
    page: z.object({ nodes: z.array(node), pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }) }),
  });
  for (let after: string | null = null; ; ) {
    const { page }: z.infer<typeof Page> = await query(nango, Page, text, { ...variables, after });
    yield page.nodes;
    if (!page.pageInfo.hasNextPage || !page.pageInfo.endCursor) return;
    after = page.pageInfo.endCursor;
  }
}
