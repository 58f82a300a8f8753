/** How a vendor is asked whether it takes credentials, where a status alone does not tell. */
import type { Access } from '../../access.ts';
import type { Trial } from '../../trial.ts';

/** @returns why it refuses, for the person who typed them; undefined when it takes them */
export type Verification = (trial: Trial, access: Access) => Promise<string | undefined>;

export const byStatus = (status: number) => (status < 300 ? undefined : `the provider answered the test request with status ${status}`);
