/** The JSON Schema as it lies in the repository, for editors that open it. */
import { fileURLToPath } from 'node:url';
import { providerSchema } from './json-schema.ts';

export const schemaFile = fileURLToPath(new URL('../provider.schema.json', import.meta.url));
export const schemaText = () => `${JSON.stringify(providerSchema(), null, 1)}\n`;
