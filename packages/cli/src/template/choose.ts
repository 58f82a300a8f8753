/** Which templates: those that were named, else asked for at a terminal, first the providers and then their functions. */
import { exitCodes, Failure } from '../failure.ts';
import type { Choice, Terminal } from '../terminal.ts';
import { labelOf, type Template } from './catalogue.ts';
import { describeMissing, matchTemplates } from './place.ts';

/** @throws Failure that lists what there is */
export const namedTemplates = (functions: readonly Template[], wanted: readonly string[]): Template[] => {
  const found = wanted.flatMap((one) => {
    const matching = matchTemplates(functions, one);
    if (matching.length === 0) throw new Failure(exitCodes.usage, describeMissing(functions, one));
    return matching;
  });
  return [...new Set(found)];
};

/** @returns none when the person chose no provider; `undefined` where nobody can be asked */
export const pickTemplates = async (
  functions: readonly Template[],
  { io, json }: Pick<Terminal, 'io' | 'json'>,
): Promise<Template[] | undefined> => {
  if (json || !io.choose) return undefined;
  const providers = await io.choose({
    question: 'Which providers do you want functions for? None: a small sync to start from.',
    choices: providerChoices(functions),
    required: false,
  });
  if (providers.length === 0) return [];
  const offered = functions.filter(({ provider }) => providers.includes(provider));
  const chosen = await io.choose({ question: 'Which functions?', choices: offered.map(choiceOf), required: true });
  return offered.filter((one) => chosen.includes(one.file));
};

const providerChoices = (functions: readonly Template[]): Choice[] =>
  [...new Set(functions.map(({ provider }) => provider))].map((provider) => ({
    value: provider,
    label: provider,
    hint: functions
      .filter((one) => one.provider === provider)
      .map(({ name }) => name)
      .join(', '),
  }));

const choiceOf = (template: Template): Choice => ({
  value: template.file,
  label: labelOf(template),
  hint: `${template.type}: ${template.description}`,
});
