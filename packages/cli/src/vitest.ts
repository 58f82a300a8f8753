/**
 * A Vitest plugin for projects with test files of their own: `plugins: [bowline()]`. What functions and tests import as `nango`, `bowline`,
 * `nango/test` and `zod` is found here, and the mocks are there as `globalThis.vitest` too, as generated test files expect them.
 */
import { fileURLToPath } from 'node:url';
import { authoringModules } from '@bowline/compile/modules';
import { toolbox } from './toolbox.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** @public what a project's vitest.config.ts imports */
export const bowline = () => ({
  name: 'bowline',
  config: () => ({
    resolve: {
      alias: [
        { find: /^(?:nango|bowline)\/test$/, replacement: here('./mock.ts') },
        { find: new RegExp(`^(?:${authoringModules.join('|')})$`), replacement: toolbox.functionsPath() },
        { find: /^zod$/, replacement: toolbox.zodTypesPath().replace(/\.d\.cts$/, '.js') },
      ],
    },
    test: { setupFiles: [here('./vitest-setup.ts')] },
  }),
});
