/** Shared by the actions that create issues. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';
import { mutate, query } from './graphql.js';

const Created = z.object({
  issueCreate: z.object({ issue: z.object({ id: z.string(), identifier: z.string(), title: z.string(), url: z.string() }) }),
});
const Labels = z.object({ issueLabels: z.object({ nodes: z.array(z.object({ id: z.string(), name: z.string() })) }) });

const text = `mutation Create($input: IssueCreateInput!) {
  issueCreate(input: $input) { issue { id identifier title url } }
}`;

/** @param input fields of Linear's IssueCreateInput */
export const createIssue = async (nango: NangoAction, input: { teamId: string; title: string } & Record<string, unknown>) =>
  (await mutate(nango, Created, text, { input })).issueCreate.issue;

/**
 * Labels are set by id. Those of the workspace and of every team are searched, at most 250.
 * @throws ActionError naming the labels that do not exist: they are not made silently
 */
export const labelIds = async (nango: NangoAction, names: readonly string[]): Promise<string[]> => {
  if (names.length === 0) return [];
  const { issueLabels } = await query(nango, Labels, 'query Labels { issueLabels(first: 250) { nodes { id name } } }');
  const byName = new Map(issueLabels.nodes.map(({ id, name }) => [name.toLowerCase(), id]));
  const unknown = names.filter((name) => !byName.has(name.toLowerCase()));
  if (unknown.length > 0) {
    throw new nango.ActionError({
      message: `There is no label ${unknown.join(', ')} in this workspace. Create it in Linear or leave it out.`,
    });
  }
  return names.flatMap((name) => byName.get(name.toLowerCase()) ?? []);
};
