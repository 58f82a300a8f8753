/** Single calls that do not do what they say. */
import type { CallExpression } from 'acorn';
import type { Rule } from './rule.ts';
import { calleeOf, keyOf } from './tree.ts';

export const calls: Rule = (tree, complain) => {
  for (const call of tree.all('CallExpression'))
    if (calleeOf(call)[0] === 'console')
      complain(call, 'warning', 'console_is_silent', 'console writes nowhere in the sandbox. Write: await nango.log(…)');
  for (const { node } of tree.calls)
    if (lacksRetries(node))
      complain(node, 'error', 'retryon_need_retries', 'retryOn without retries changes nothing. Add for example: retries: 3');
};

const lacksRetries = (call: CallExpression): boolean => {
  const [config] = call.arguments;
  if (config?.type !== 'ObjectExpression') return false;
  const keys = config.properties.map((property) => (property.type === 'SpreadElement' ? '...' : keyOf(property)));
  return keys.includes('retryOn') && !keys.includes('retries') && !keys.includes('...');
};
