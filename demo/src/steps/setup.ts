/** The platform is there, knows an integration, where to send webhooks, and which functions to run. */
import { spawn } from 'node:child_process';
import { PROVIDER } from '../beside.ts';
import { issueCount, labelCount } from '../emulator/seed.ts';
import { expectEqual, Unexpected } from '../expect.ts';
import { INTEGRATION, memberClient, type Stage, type Step } from '../stage.ts';

const healthy: Step = {
  name: 'platform answers',
  run: async ({ api, running }) => {
    const { result } = await api.environment.health({});
    expectEqual('GET /health', result, 'ok');
    return running.url;
  },
};

const upstream: Step = {
  name: 'GitHub emulator is filled',
  run: async ({ beside: { emulator } }) => {
    const repositories = await emulator.request('GET', '/user/repos');
    expectEqual('Repositories of octocat', Array.isArray(repositories) ? repositories.length : 0, 2, emulator.url);
    return `2 repositories, ${issueCount} issues, ${labelCount} labels at ${emulator.url}`;
  },
};

const integration: Step = {
  name: 'integration created',
  run: async ({ api, beside: { client } }) => {
    const credentials = { type: 'OAUTH2', client_id: client.id, client_secret: client.secret, scopes: 'repo,user' } as const;
    await api.integrations.create({
      query: {},
      body: { provider: PROVIDER, unique_key: INTEGRATION, display_name: 'GitHub', credentials },
    });
    const { data } = await api.integrations.get({ params: { uniqueKey: INTEGRATION }, query: {} });
    expectEqual('Provider of the integration', data.provider, PROVIDER);
    return `${data.unique_key} (provider ${data.provider})`;
  },
};

const webhook: Step = {
  name: 'webhook address set',
  run: async ({ running, beside: { receiver } }) => {
    const { admin } = running;
    if (admin.password === undefined)
      throw new Unexpected('Signing in', { expected: 'the password', came: 'none', look: 'It is shown once.' });
    const { dashboard } = memberClient(running);
    await dashboard.signIn({ body: { email: admin.email, password: admin.password } });
    // Quiet runs send nothing, so that each webhook the demo waits for means a change.
    const webhooks = { primary_url: receiver.url, on_sync_completion_always: false };
    const settings = await dashboard.updateEnvironment({ query: {}, body: { webhooks } });
    expectEqual('Primary webhook address', settings.webhooks.primary_url, receiver.url);
    return `${receiver.url}, signed`;
  },
};

const deployed: Step = {
  name: 'functions deployed',
  run: async ({ running, command, api }) => {
    await bowline(command, ['deploy', 'dev', '--integration', INTEGRATION, '--host', running.url], {
      BOWLINE_SECRET_KEY_DEV: running.apiKey,
    });
    const { data } = await api.integrations.functions({ params: { uniqueKey: INTEGRATION }, query: {} });
    const names = data.map(({ name, type }) => `${type} ${name}`).sort();
    // The project has more; these are the ones the demo plays.
    const played = ['action create-issue', 'action whoami', 'sync issues', 'sync labels'];
    expectEqual(
      'Deployed functions',
      names.filter((name) => played.includes(name)),
      played,
    );
    return `${names.length}: type-checked, bundled, deployed by the CLI`;
  },
};

/** The command as a process of its own, as a user runs it. */
function bowline(command: Stage['command'], words: string[], env: Record<string, string>): Promise<void> {
  const child = spawn(process.execPath, [command.path, ...words, '--auto-confirm'], {
    cwd: command.project,
    env: { ...process.env, ...env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve();
      const look = 'The output of the command is above: it names file and line.';
      reject(new Unexpected(`bowline ${words[0]}`, { expected: 'exit code 0', came: `exit code ${code}\n${output.trim()}`, look }));
    });
  });
}

export const setup: readonly Step[] = [healthy, upstream, integration, webhook, deployed];
