/** Gates on regular expressions: anchored, so that every reader takes them alike, and of linear time, for they read what anybody sends. */
import { refusePattern, slowness } from '../patterns.ts';
import { type Finding, fieldsOf, type Gate } from './finding.ts';

export const patternGate: Gate = (definition) =>
  fieldsOf(definition).flatMap(([path, { pattern }]) => (pattern === undefined ? [] : refuse(`${path}.pattern`, pattern)));

/** What reads a text of the provider's error is a search: it need not be anchored. */
export const searchGate: Gate = ({ proxy }) => {
  const search = proxy?.retry?.in_body?.value;
  return search === undefined ? [] : slow('proxy.retry.in_body.value', search, false);
};

function refuse(path: string, pattern: string): Finding[] {
  if (!isAnchored(pattern))
    return [{ path, message: `write ^${bare(pattern)}$, with (?:…) around alternatives: not every reader anchors it by itself` }];
  return slow(path, pattern, true);
}

function slow(path: string, pattern: string, anchored: boolean): Finding[] {
  const refusal = refusePattern(pattern);
  if (refusal !== undefined) {
    return [{ path, message: `is not taken by RE2: ${refusal}; do without lookaround, back references and counts above 1000` }];
  }
  const slowly = slowness(pattern, anchored);
  return slowly === undefined ? [] : [{ path, message: `${slowly}; let no two repetitions that touch match the same text` }];
}

const bare = (pattern: string) => pattern.replace(/^\^/, '').replace(/\$$/, '');

/** `^…$` around everything: `^a|b$` is anchored only in part. */
function isAnchored(pattern: string): boolean {
  const inside = pattern.replaceAll(/\\./gs, '__').replaceAll(/\[[^\]]*\]/g, '__');
  if (!inside.startsWith('^') || !inside.endsWith('$')) return false;
  let depth = 0;
  for (const char of inside) {
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === '|' && depth === 0) return false;
  }
  return true;
}
