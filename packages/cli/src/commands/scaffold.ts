/** The text of a new function. It compiles as it stands; what to replace is the path and the fields of the provider's API. */
import type { FunctionType } from '../project/place.ts';

/** @param from the package that the project's functions import */
export const scaffoldOf = (type: FunctionType, name: string, from: string): string => scaffolds[type](name, from);

const scaffolds: Readonly<Record<FunctionType, (name: string, from: string) => string>> = {
  sync: (name, from) => {
    const model = modelOf(name);
    return `import { createSync } from '${from}';
import { z } from 'zod';

const ${model} = z.object({ id: z.string(), name: z.string() });

export default createSync({
  description: 'Keeps ${wordsOf(name)} up to date',
  frequency: 'every hour',
  autoStart: true,
  models: { ${model} },
  exec: async (nango) => {
    // What is not saved until trackDeletesEnd counts as deleted: where the API has pages, read all of them (nango.paginate).
    await nango.trackDeletesStart('${model}');
    const { data } = await nango.get<{ id: string | number; name: string }[]>({ endpoint: '/${name}', retries: 3 });
    await nango.batchSave(
      data.map(({ id, name }) => ({ id: \`\${id}\`, name })),
      '${model}',
    );
    await nango.trackDeletesEnd('${model}');
  },
});
`;
  },
  action: (name, from) => `import { createAction } from '${from}';
import { z } from 'zod';

export default createAction({
  description: '${capital(wordsOf(name))}',
  input: z.object({ name: z.string() }),
  output: z.object({ id: z.string() }),
  exec: async (nango, input) => {
    const { data } = await nango.post<{ id: string | number }>({ endpoint: '/${name}', data: input });
    return { id: \`\${data.id}\` };
  },
});
`,
  'on-event': (name, from) => `import { createOnEvent } from '${from}';

export default createOnEvent({
  description: '${capital(wordsOf(name))}',
  event: 'post-connection-creation',
  exec: async (nango) => {
    await nango.log('A connection was made.');
  },
});
`,
};

export const wordsOf = (name: string): string => name.replace(/[-_]+/g, ' ').trim() || name;
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `open-issues` keeps `OpenIssue`. A name of the language would hide it from the function. */
export const modelOf = (name: string): string => {
  const joined = name.split(/[-_]+/).map(capital).join('');
  const one = /[^s]s$/i.test(joined) ? joined.slice(0, -1) : joined;
  const safe = /^[A-Z]/.test(one) ? one : `Item${one}`;
  return safe in globalThis || safe.length < 2 ? `${safe}Record` : safe;
};
