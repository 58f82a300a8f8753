/** Code of users, checked by `inference.test.ts` against the sources and by `package.test.ts` against what is published. Each `@ts-expect-error` is a guarantee. */
import {
  type Project as AnyProject,
  Bowline,
  BowlineError,
  type CursorStore,
  memoryCursors,
  Nango,
  type RecordPage,
  type SyncedRecord,
  type WebhookEvent,
} from '@bowline/node';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_Claim extends true>(): void => undefined;

type Issue = { id: string; title: string };
type Ticket = { id: string; subject: string };
type Project = {
  models: { GithubIssue: Issue };
  actions: { 'create-issue': { input: { title: string }; output: { id: string } }; ping: { output: 'pong' } };
};
const of = { providerConfigKey: 'zendesk', connectionId: 'user123' };

export async function typed(client: Bowline<Project>) {
  const named = await client.listRecords<'GithubIssue'>({ ...of, model: 'GithubIssue' });
  holds<Equal<typeof named, RecordPage<Issue>>>();
  const inferred = await client.listRecords({ ...of, model: 'GithubIssue', filter: 'added,updated' });
  holds<Equal<typeof inferred, RecordPage<Issue>>>();
  for (const issue of inferred) holds<Equal<typeof issue, SyncedRecord<Issue>>>();
  holds<Equal<(typeof inferred.records)[0]['_nango_metadata']['last_action'], 'ADDED' | 'UPDATED' | 'DELETED'>>();
  const free = await client.listRecords<Ticket>({ ...of, model: 'ticket' });
  holds<Equal<typeof free, RecordPage<Ticket>>>();
  // @ts-expect-error no model of the project
  await client.listRecords({ ...of, model: 'GithubIsue' });
  // @ts-expect-error no model of the project
  await client.listRecords<'GithubIsue'>({ ...of, model: 'GithubIsue' });
  // @ts-expect-error no such filter
  await client.listRecords({ ...of, model: 'GithubIssue', filter: 'changed' });

  for await (const page of client.records({ ...of, model: 'GithubIssue' })) {
    holds<Equal<typeof page.cursor, string>>();
    for (const issue of page) holds<Equal<typeof issue.title, string>>();
  }
  // @ts-expect-error no model of the project
  client.records({ ...of, model: 'other' });
  const consumed = await client.consume({ ...of, model: 'GithubIssue', store: memoryCursors() }, (page, { cursor }) => {
    for (const issue of page) holds<Equal<typeof issue.title, string>>();
    holds<Equal<typeof cursor, string>>();
  });
  holds<Equal<typeof consumed, { pages: number; records: number }>>();

  const made = await client.triggerAction('github', 'user', 'create-issue', { title: 'x' });
  holds<Equal<typeof made, { id: string }>>();
  const same = await client.triggerAction({ ...of, action: 'create-issue', input: { title: 'x' } }, { timeoutMs: 1_000 });
  holds<Equal<typeof same, { id: string }>>();
  const pong = await client.triggerAction('github', 'user', 'ping');
  holds<Equal<typeof pong, 'pong'>>();
  const other = await client.triggerAction<{ a: 1 }, { b: 2 }>('github', 'user', 'of-no-project', { a: 1 });
  holds<Equal<typeof other, { b: 2 }>>();
  // @ts-expect-error no action of the project
  await client.triggerAction('github', 'user', 'creat-issue', { title: 'x' });
  // @ts-expect-error its input is another
  await client.triggerAction('github', 'user', 'create-issue', { titel: 'x' });
  // @ts-expect-error its input is missing
  await client.triggerAction('github', 'user', 'create-issue');
  // @ts-expect-error its input is missing
  await client.triggerAction({ ...of, action: 'create-issue' });
}

/** The calls of guides and of users' code, as they are written. */
export async function untyped(modifiedAfter: string, cursor: string) {
  const client = new Nango({ secretKey: 'key', host: 'https://bowline.example.com' });
  await client.setMetadata('integration-id', 'connection-id', { any_key: 'value' });
  await client.setMetadata('integration-id', ['a', 'b'], { any_key: 'value' });
  await client.updateMetadata('integration-id', 'connection-id', { any_key: 'value' });
  const metadata = await client.getMetadata('integration-id', 'connection-id');
  const mapped: string = metadata.internal_field;
  const known = await client.getMetadata<{ plan: string }>('integration-id', 'connection-id');
  holds<Equal<typeof known, { plan: string }>>();
  await client.startSync('integration-id', ['contacts-sync'], 'connection-id');
  await client.startSync('integration-id', [{ name: 'contacts-sync', variant: 'archive' }]);
  const page = await client.listRecords<Ticket>({ providerConfigKey: 'zendesk', connectionId: 'user123', model: 'ticket', modifiedAfter });
  const more = await client.listRecords<Ticket>({ providerConfigKey: 'zendesk', connectionId: 'user123', model: 'ticket', cursor });
  for (const ticket of [...page, ...more.records]) holds<Equal<typeof ticket.subject, string>>();
  const model: string = 'Any';
  const any = await client.listRecords({ ...of, model });
  const field: string = any.records[0]?.whatever;
  const { id: made } = await client.triggerAction({ ...of, action: 'create-ticket', input: { title: '…' } });
  const same = await client.triggerAction('zendesk', 'user123', 'create-ticket', { title: '…' });
  const { data } = await client.get({ ...of, endpoint: '/tickets' });
  const typedData = await client.get<{ login: string }>({ ...of, endpoint: '/user' });
  holds<Equal<typeof typedData.data, { login: string }>>();
  const { connections } = await client.listConnections({ userId: 'u', integrationId: ['a'] }, { signal: AbortSignal.timeout(1) });
  return [mapped, field, made, same.anything, data.items[0].name, connections[0]?.end_user?.email];
}

export function told(event: WebhookEvent): string {
  if (event.type === 'async_action') return event.payload.statusUrl;
  if (event.type === 'sync') return event.success ? String(event.responseResults.added) : event.error.description;
  if (event.type === 'endpoint') return event.endpoint.url;
  return event.type === 'auth' ? event.operation : event.providerConfigKey;
}

export function failed(error: unknown): string {
  if (!(error instanceof BowlineError)) throw error;
  if (error.code === 'unknown_connection') return String(error.status);
  return error.errors.map(({ path }) => path.join('.')).join() + error.response?.headers['retry-after'];
}

/** Takes the client of any project. */
export const connectionsOf = <P extends AnyProject>(client: Bowline<P>, userId: string) => client.listConnections({ userId });
export const ofOurs = (client: Bowline<Project>) => connectionsOf(client, 'u');

export const inDatabase: CursorStore = { load: async () => null };
// @ts-expect-error a host is text
export const wrong = new Bowline({ host: 5, secretKey: 'key' });
