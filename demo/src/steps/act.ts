/** The app acts: an action writes upstream, a proxy call reads it back with the end user's credentials. */
import * as z from 'zod';
import { expectEqual } from '../expect.ts';
import { ofConnection, REPOSITORY, type Step } from '../stage.ts';

const TITLE = 'Created by an action of the demo';
const Created = z.object({ number: z.number(), url: z.string() });
const Issue = z.object({ title: z.string(), user: z.object({ login: z.string() }) });

const created: Step = {
  name: 'action created an issue',
  run: async (stage) => {
    const input = { repo: REPOSITORY, title: TITLE, labels: ['feature'] };
    const answer = await stage.api.actions.trigger({
      query: {},
      headers: ofConnection(stage),
      body: { action_name: 'create-issue', input },
    });
    const { number, url } = Created.parse(answer);
    stage.found.createdByAction = number;
    return url;
  },
};

const readBack: Step = {
  name: 'proxy read it back',
  run: async (stage) => {
    const { running, found } = stage;
    const path = `/repos/${REPOSITORY}/issues/${found.createdByAction}`;
    const response = await fetch(`${running.url}/proxy${path}`, {
      headers: { authorization: `Bearer ${running.apiKey}`, ...ofConnection(stage) },
    });
    const text = await response.text();
    expectEqual(`GET /proxy${path}`, response.status, 200);
    const { title, user } = Issue.parse(JSON.parse(text));
    expectEqual('The issue upstream', { title, author: user.login }, { title: TITLE, author: 'octocat' });
    return `GET /proxy${path} → 200, by ${user.login}`;
  },
};

export const act: readonly Step[] = [created, readBack];
