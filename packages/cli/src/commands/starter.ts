/** The files of a new project, by path. The function is complete: it compiles and deploys as it stands. */

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
  'index.ts':
    "// One line a function; only what is imported here is deployed.\n// Providers of your own lie in providers/*.yaml and are deployed too: `bowline provider new` starts one.\nimport './github/syncs/repositories.js';\n",
  'package.json': `${JSON.stringify({ name: 'integrations', private: true, type: 'module' }, null, 2)}\n`,
  '.gitignore': 'build/\n.nango/\n.env\n',
  '.env.example':
    '# Copy to .env; the key is in the dashboard under Environment Settings.\nBOWLINE_HOST=http://localhost:3003\nBOWLINE_SECRET_KEY_DEV=\n',
};
