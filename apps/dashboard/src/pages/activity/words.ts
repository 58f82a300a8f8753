/** Types and states of operations in words, and what to do about a failure of each type. */
import type { Operation } from '@bowline/api/logs';
import type { BadgeTone } from '../../ui/badge.tsx';

export const typeWords: Record<Operation['type'], string> = {
  sync: 'Sync',
  action: 'Action',
  proxy: 'Proxy',
  auth: 'Auth',
  webhook: 'Webhook',
  deploy: 'Deploy',
  on_event: 'On event',
};
export const stateWords: Record<Operation['state'], string> = {
  running: 'Running',
  success: 'Success',
  failed: 'Failed',
  cancelled: 'Cancelled',
  timeout: 'Timed out',
};
export const stateTones: Record<Operation['state'], BadgeTone> = {
  running: 'accent',
  success: 'good',
  failed: 'bad',
  cancelled: 'plain',
  timeout: 'warn',
};

const advice: Record<Operation['type'], string> = {
  sync: 'Read the last messages below. When the function is at fault, fix and deploy it; then trigger the sync. Records saved so far are kept.',
  action:
    'Read the last messages below. When the input is at fault, call the action again with another; when the function is, fix and deploy it.',
  proxy: 'Look at the provider’s answer below: the status tells whether the request, the credentials or the provider was at fault.',
  auth: 'Check the client id, client secret, scopes and callback URL of the integration, then let the end user connect again.',
  webhook: 'Check that your endpoint answers with a 2xx status in time. Deliveries are repeated with growing pauses.',
  deploy: 'Fix what the message names and deploy again. What ran before keeps running.',
  on_event: 'Read the last messages below, then fix the function and deploy it.',
};

/** What a person can do about it. */
export function adviceOf({ type, state }: Operation): string {
  if (state === 'timeout') return 'It took longer than it may. Do less at a time: smaller pages, a checkpoint, fewer requests.';
  return advice[type];
}
