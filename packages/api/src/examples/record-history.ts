/** Examples of the history of records. */
import type { Examples } from './example.ts';
import { moment } from './integrations.ts';

const models = [{ model: 'Issue', keep_days: 30 }];
const metadata = (last_action: 'ADDED' | 'UPDATED', cursor: string) => ({
  first_seen_at: moment,
  last_modified_at: moment,
  last_action,
  deleted_at: null,
  pruned_at: null,
  cursor,
});

export const examplesOfRecordHistory: Examples<'recordHistory'> = {
  recordHistory: {
    versions: {
      answer: {
        records: [
          { id: '1042', title: 'The door does not close', state: 'closed', _nango_metadata: metadata('UPDATED', 'MTo4') },
          { id: '1042', title: 'The door does not close', state: 'open', _nango_metadata: metadata('ADDED', 'MTo3') },
        ],
        next_cursor: null,
      },
    },
    settings: { answer: { data: models } },
    updateSettings: { body: { models }, answer: { data: models } },
  },
};
