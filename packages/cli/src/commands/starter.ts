/** The files of a new project, by path: what every project has, and the sync of one without templates. All of it compiles and passes its tests as it stands. */

import { projectTsconfig } from '../project/editor.ts';
import { importLine } from '../project/place.ts';

/** @param functions their files, which `index.ts` imports */
export const projectFiles = (functions: readonly string[]): Readonly<Record<string, string>> => ({
  'index.ts': `// One line a function: what is imported here is what \`bowline deploy\` deploys. \`bowline create\` and \`bowline clone\` add lines.
// Providers of your own lie in providers/*.yaml and are deployed too: \`bowline provider new\` starts one.
${functions.map((file) => `${importLine(file)}\n`).join('')}`,
  'package.json': `${JSON.stringify({ name: 'integrations', private: true, type: 'module', scripts }, null, 2)}\n`,
  'tsconfig.json': projectTsconfig,
  '.gitignore': 'build/\n.bowline/\n.nango/\nnode_modules/\n.env\n',
  '.env.example':
    '# Copy to .env; the key is in the dashboard under Environment Settings.\nBOWLINE_HOST=http://localhost:3003\nBOWLINE_SECRET_KEY_DEV=\n',
  'README.md': readme,
});

const scripts = { dev: 'bowline dev', compile: 'bowline compile', test: 'bowline test', deploy: 'bowline deploy dev' };

const readme = `# Integrations

Functions for Bowline: \`<integration>/syncs\`, \`<integration>/actions\` and \`<integration>/on-events\`. The first folder is the
unique key of the integration in your environment. \`index.ts\` says which functions are deployed.

\`\`\`
bowline dev                              # the platform on this machine; every save is deployed to it
bowline compile                          # types, bundles, definitions; also what your editor needs to know the types
bowline test                             # plays the recordings in <integration>/tests, offline
bowline dryrun <name> <connection>       # runs one with a connection of the server, stores nothing; --save records it
bowline deploy dev --plan                # what would change
bowline deploy dev                       # needs a key: copy .env.example to .env
\`\`\`

More functions: \`bowline clone\` copies finished ones, \`bowline create\` starts one of your own.
`;

/** For whoever chose no template. */
export const starterFiles: Readonly<Record<string, string>> = {
  'github/syncs/repositories.ts': `import { createSync } from 'bowline';
import { z } from 'zod';

const Repository = z.object({ id: z.string(), name: z.string(), private: z.boolean(), url: z.string() });

const sync = createSync({
  description: 'The repositories the user can see, deletions included',
  frequency: 'every hour',
  autoStart: true,
  models: { Repository },
  exec: async (nango) => {
    await nango.trackDeletesStart('Repository');
    const pages = nango.paginate({
      endpoint: '/user/repos',
      paginate: { type: 'link', link_rel_in_response_header: 'next', limit_name_in_request: 'per_page', limit: 100 },
      retries: 3,
    });
    for await (const page of pages) {
      await nango.batchSave(
        page.map((repo) => ({ id: String(repo.id), name: repo.full_name, private: repo.private, url: repo.html_url })),
        'Repository',
      );
    }
    await nango.trackDeletesEnd('Repository');
  },
});

export default sync;
`,
  'github/tests/repositories.test.json': `${JSON.stringify(
    {
      nango: { batchSave: { Repository: [{ id: '1', name: 'octocat/hello', private: false, url: 'https://github.com/octocat/hello' }] } },
      api: {
        get: {
          '/user/repos': [
            {
              request: { params: { per_page: '100' } },
              response: [{ id: 1, full_name: 'octocat/hello', private: false, html_url: 'https://github.com/octocat/hello' }],
            },
          ],
        },
      },
    },
    null,
    2,
  )}\n`,
};
