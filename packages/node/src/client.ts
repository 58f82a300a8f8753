/** The client, whole: its methods are written one file a resource, see `calls.ts`. */
import type { Project } from './project.ts';
import { WebhookCalls } from './webhooks.ts';

/**
 * Bowline for your backend: Node, Bun, Deno and edge runtimes.
 *
 * @example
 * const client = new Bowline({ host: 'https://bowline.example.com', secretKey: '…' });
 * const page = await client.listRecords({ providerConfigKey: 'github', connectionId: 'user-1', model: 'GithubIssue' });
 */
export class Bowline<P extends Project = Record<never, never>> extends WebhookCalls<P> {}
