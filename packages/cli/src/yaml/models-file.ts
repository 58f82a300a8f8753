/** `models.ts` of a `nango.yaml` project: made anew by each compile, imported by its functions as `../../models`. */
import { declarations, type Model } from './models.ts';

export const modelsFile = 'models.ts';

/** `generated`: it is made again by the next compile. A project that was migrated has its models for good. */
export const modelsText = (models: readonly Model[], { generated = true } = {}): string =>
  [
    ...(generated ? ['// Made from nango.yaml by `bowline compile`; changes made here are lost.'] : []),
    // Unused it would be an error of the project's types.
    ...(models.length > 0 ? ["import { z } from 'zod';", ''] : []),
    ...(generated ? [`export type { ${sdkTypes.join(', ')} } from 'bowline';`, ''] : []),
    actionError,
    declarations(models).join('\n'),
  ].join('\n');

/** What functions of such projects import from here beside their models. */
export const sdkTypes = ['NangoAction', 'NangoSync', 'ProxyConfiguration', 'ProxyResponse'] as const;

/** The sandbox knows it by its type, whichever bundle it comes from. */
const actionError = `export class ActionError<T = unknown> extends Error {
  type = 'action_script_runtime_error';
  payload: T | undefined;
  constructor(payload?: T) {
    super();
    this.payload = payload;
  }
}
`;
