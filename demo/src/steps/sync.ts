/** Syncs run by themselves, records appear, the receiver hears of it; then exactly what changed upstream is reported. */
import { issueCount, labelCount, unusedLabel } from '../emulator/seed.ts';
import { expectEqual, Unexpected, waitFor } from '../expect.ts';
import { INTEGRATION, ofConnection, REPOSITORY, type Stage, type Step } from '../stage.ts';

type Counts = { added: number; updated: number; deleted: number };
const models: Record<string, string> = { issues: 'Issue', labels: 'Label' };
const LOOK = 'Connections → the connection → Syncs shows the state of each sync, Activity the messages of its runs.';

const firstIssues = finishes('issues synced by themselves', 'issues', { added: issueCount, updated: 0, deleted: 0 });
const firstLabels = finishes('labels synced by themselves', 'labels', { added: labelCount, updated: 0, deleted: 0 });

const records: Step = {
  name: 'records are there',
  run: async (stage) => {
    const ids = new Set<string>();
    let pages = 0;
    for (let cursor: string | undefined; ; pages++) {
      const page = await stage.api.records.list({
        headers: ofConnection(stage),
        query: { model: 'Issue', limit: 64, ...(cursor && { cursor }) },
      });
      for (const { id } of page.records) ids.add(id);
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expectEqual('Different issues read by cursor', ids.size, issueCount);
    return `${ids.size} issues by cursor, in ${pages + 1} pages`;
  },
};

const heard = hears('signed webhook received', { Issue: issueCount, Label: labelCount });

const changed: Step = {
  name: 'upstream changes',
  run: async ({ beside: { emulator }, found }) => {
    const edited = 7;
    await emulator.request('PATCH', `/repos/${REPOSITORY}/issues/${edited}`, { title: 'Edited upstream by the demo' });
    const created = await emulator.request('POST', `/repos/${REPOSITORY}/issues`, {
      title: 'Created upstream by the demo',
      labels: ['bug'],
    });
    await emulator.request('DELETE', `/repos/octocat/${unusedLabel.repository}/labels/${unusedLabel.name}`);
    const number = numberOf(created);
    found.changed = { edited, created: number, deletedLabel: unusedLabel.name };
    return `#${edited} edited, #${number} created, label "${unusedLabel.name}" deleted`;
  },
};

const triggered: Step = {
  name: 'syncs triggered',
  run: async ({ api, found: { connectionId = '' } }) => {
    await api.syncs.trigger({
      query: {},
      headers: {},
      body: { syncs: ['issues', 'labels'], provider_config_key: INTEGRATION, connection_id: connectionId },
    });
    return 'issues, labels';
  },
};

const nextIssues = finishes('only the changes: issues', 'issues', { added: 1, updated: 1, deleted: 0 });
const nextLabels = finishes('only the changes: labels', 'labels', { added: 0, updated: 0, deleted: 1 });
const heardAgain = hears('the receiver followed', { Issue: issueCount + 1, Label: labelCount - 1 });

/** A run of this sync ended well after the last one we saw, with exactly these counts. */
function finishes(name: string, sync: string, expected: Counts): Step {
  return {
    name,
    run: async (stage) => {
      const { api, found } = stage;
      const query = { syncs: sync, provider_config_key: INTEGRATION, connection_id: found.connectionId ?? '' };
      const before = found.finishedAt?.[sync];
      let last: unknown;
      const status = await waitFor(
        `A run of the sync ${sync}`,
        async () => {
          const { syncs } = await api.syncs.status({ query });
          last = syncs;
          const [one] = syncs;
          const isOver = one?.status === 'SUCCESS' || one?.status === 'ERROR';
          return isOver && one.finishedAt && one.finishedAt !== before ? one : undefined;
        },
        { describe: () => last, look: LOOK },
      );
      expectEqual(`State of the sync ${sync}`, status.status, 'SUCCESS', LOOK);
      const { added, updated, deleted } = status.latestResult?.[models[sync] ?? ''] ?? { added: 0, updated: 0, deleted: 0 };
      expectEqual(`Counts of the sync ${sync}`, { added, updated, deleted }, expected, LOOK);
      found.finishedAt = { ...found.finishedAt, [sync]: status.finishedAt ?? '' };
      return describe(expected);
    },
  };
}

/** The receiver got a webhook for each model, its signature held, and its copy has as many records as upstream. */
function hears(name: string, sizes: Record<string, number>): Step {
  return {
    name,
    run: async (stage) => {
      const { receiver } = stage.beside;
      const connectionId = stage.found.connectionId ?? '';
      const came = () => Object.fromEntries(Object.keys(sizes).map((model) => [model, receiver.mirror(connectionId, model).size]));
      const look = 'Activity → the operations of type "webhook" show what was sent and how it was answered.';
      const asExpected = () =>
        Object.entries(sizes).every(([model, size]) => receiver.mirror(connectionId, model).size === size) ? true : undefined;
      await waitFor(`Records in the receiver's copy ${JSON.stringify(sizes)}`, asExpected, { timeoutMs: 15_000, describe: came, look });
      expectEqual('Webhooks with a wrong signature', receiver.refused(), 0, look);
      if (stage.found.changed) expectFollowed(stage, connectionId);
      const count = receiver.events.filter(({ sync }) => sync?.connectionId === connectionId).length;
      return `${count} so far; by cursor the copy has ${Object.entries(sizes)
        .map(([model, size]) => `${size} ${model}`)
        .join(', ')}`;
    },
  };
}

function expectFollowed({ beside: { receiver }, found: { changed: change } }: Stage, connectionId: string): void {
  const issues = [...receiver.mirror(connectionId, 'Issue').values()].filter(({ repo }) => repo === REPOSITORY);
  const titleOf = (number: number | undefined) => issues.find((issue) => issue.number === number)?.title;
  const labels = [...receiver.mirror(connectionId, 'Label').values()].map(({ name }) => name);
  expectEqual(
    "What the receiver's copy says",
    { edited: titleOf(change?.edited), created: titleOf(change?.created), hasLabel: labels.includes(change?.deletedLabel) },
    { edited: 'Edited upstream by the demo', created: 'Created upstream by the demo', hasLabel: false },
  );
}

function numberOf(issue: unknown): number {
  if (typeof issue === 'object' && issue !== null && 'number' in issue && typeof issue.number === 'number') return issue.number;
  throw new Unexpected('The created issue', { expected: 'a number', came: issue, look: 'The emulator answered in an unknown form.' });
}

function describe({ added, updated, deleted }: Counts): string {
  return `${added} added, ${updated} updated, ${deleted} deleted`;
}

export const sync: readonly Step[] = [firstIssues, firstLabels, records, heard, changed, triggered, nextIssues, nextLabels, heardAgain];
