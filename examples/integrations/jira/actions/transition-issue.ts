/**
 * Moves an issue to another status. In Jira nobody sets a status: one of the transitions that the workflow allows from where the issue is
 * now is carried out. The one that leads to the wanted status is looked for; if there is none, the answer says which statuses can be reached.
 */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { siteOf } from '../site.js';

const Input = z.object({
  issue: z.string().min(1).describe('Key or id, as WEB-12'),
  status: z.string().min(1).describe('Name of the status to reach, as Done; or of the transition'),
});

const Transitions = z.object({ transitions: z.array(z.object({ id: z.string(), name: z.string(), to: z.object({ name: z.string() }) })) });

const action = createAction({
  description: 'Moves an issue to another status, as far as the workflow allows it',
  version: '1.0.0',
  scopes: ['read:jira-work', 'write:jira-work'],
  input: Input,
  output: z.object({ issue: z.string(), status: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { api } = await siteOf(nango);
    const endpoint = `${api}/issue/${encodeURIComponent(data.issue)}/transitions`;
    const response = await orExplain(nango, nango.get({ endpoint, retries: 3 }), {
      404: `There is no issue ${data.issue}, or the connection may not see it.`,
    });
    const { transitions } = Transitions.parse(response.data);
    const wanted = data.status.toLowerCase();
    const found =
      transitions.find(({ to }) => to.name.toLowerCase() === wanted) ?? transitions.find(({ name }) => name.toLowerCase() === wanted);
    if (!found) {
      const possible = transitions.map(({ to }) => to.name);
      const message = `${data.issue} cannot be moved to ${data.status} from where it is. Possible: ${possible.join(', ') || 'nothing'}.`;
      throw new nango.ActionError({ message, possible });
    }
    await nango.post({ endpoint, data: { transition: { id: found.id } } });
    return { issue: data.issue, status: found.to.name };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
