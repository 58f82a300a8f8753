/** The versions of a function, and how people name one: by its number in the list, or by `v` and its label. */
import type { FunctionVersion } from '@bowline/api/history';
import { exitCodes, Failure } from '../failure.ts';
import type { FunctionType } from '../project/place.ts';
import { ask, type Remote } from './server.ts';

export type NamedFunction = { readonly integration: string; readonly name: string; readonly type: FunctionType | undefined };

const PAGE = 100;

/** All of them, the newest first. */
export const versionsOf = async (remote: Remote, { integration, name, type }: NamedFunction): Promise<FunctionVersion[]> => {
  const found: FunctionVersion[] = [];
  for (let before: number | undefined; ; before = found.at(-1)?.number) {
    const query = { type, limit: PAGE, ...(before === undefined ? {} : { before }) };
    const { data } = await ask(
      remote,
      (api) => api.history.versions({ params: { uniqueKey: integration, name }, query }),
      severalTypes({ integration, name }),
    );
    found.push(...data);
    if (data.length < PAGE) return found;
  }
};

export const severalTypes =
  ({ integration, name }: Pick<NamedFunction, 'integration' | 'name'>) =>
  ({ code }: { code: string }): Failure | undefined =>
    code === 'ambiguous_function'
      ? new Failure(exitCodes.usage, `${integration} has several functions ${name}. Say which one: --sync, --action or --on-event.`)
      : undefined;

/** @param wanted `3`, or `v1.4.0`: several versions may have that label. @throws Failure when it names none, or several */
export const chooseVersion = (versions: readonly FunctionVersion[], wanted: string, list: string): FunctionVersion => {
  const isNumber = /^\d+$/.test(wanted);
  const label = wanted.replace(/^v/, '');
  const found = versions.filter(({ number, version }) => (isNumber ? number === Number(wanted) : version === label));
  const [first, ...others] = found;
  if (!first) throw new Failure(exitCodes.usage, `There is no version ${wanted}. Write a number of the list, or v and a label: ${list}`);
  if (others.length === 0) return first;
  const numbers = found.map(({ number }) => number).join(', ');
  throw new Failure(exitCodes.usage, `Several versions have the label ${label}: write one of the numbers ${numbers}. See ${list}`);
};
