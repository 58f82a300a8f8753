/** What the `nango` objects of different runs share, however authored code gets at it: classes of errors, prototypes of generators. */
import { ActionError, HttpError, SdkError } from './errors.ts';
import { paginate } from './paginate.ts';
import { list } from './records.ts';

export function sharedByContexts(): unknown[] {
  return [ActionError, HttpError, SdkError, paginate, list];
}
