/** JSON text with a line for each value, as people and models read it best, unless that would make it many times as long. Pure. */

/** The output of an action has up to 2 MB. In deep nesting each value is indented so far that those could become hundreds. */
const LENGTH_MAX = 8 * 1024 * 1024;

export function pretty(json: string): string {
  return prettyLength(json) > LENGTH_MAX ? json : JSON.stringify(JSON.parse(json), null, 2);
}

/** An upper bound of the length that `JSON.stringify` would make, without making it. By hand: a pattern runs out of stack in a text of 2 MB. */
function prettyLength(json: string): number {
  let length = json.length;
  let depth = 0;
  let inText = false;
  for (let at = 0; at < json.length; at += 1) {
    const sign = json[at] ?? '';
    if (sign === '"') inText = !inText;
    else if (inText) at += sign === '\\' ? 1 : 0;
    else {
      if (sign === '[' || sign === '{') depth += 1;
      else if (sign === ']' || sign === '}') depth -= 1;
      if ('[]{},:'.includes(sign)) length += 1 + 2 * depth;
    }
  }
  return length;
}
