/** Whether a request, or one event of it, is such as the catalogue describes: `place`, `place=value`, `HEAD`. Pure. */
import { type Readable, valuesAt } from '../verify/place.ts';

export function holds(condition: string, readable: Readable & { readonly method: string }): boolean {
  if (condition === 'HEAD') return readable.method === 'HEAD';
  const [place = '', value] = condition.split(/=(.*)/s);
  return valuesAt(place, readable).some((one) => (value === undefined ? one !== null && one !== undefined : String(one) === value));
}
