/** How a vendor is asked whether it takes credentials, where a status alone does not tell. */
import type { Access } from '../../access.ts';

export type TrialRequest = {
  readonly method?: 'GET' | 'POST' | undefined;
  /** Over the provider's own; templates, as the path is. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly json?: Readonly<Record<string, unknown>> | undefined;
  readonly form?: Readonly<Record<string, string>> | undefined;
  /** Instead of the provider's base URL. */
  readonly base?: string | undefined;
  /** False: the status is enough, and the answer may be of any size. */
  readonly read?: boolean | undefined;
};
export type TrialAnswer = { readonly status: number; readonly answer: unknown };
/** @throws OutboundError without an answer, CredentialsError when there is no address to ask */
export type Trial = (path: string, request?: TrialRequest) => Promise<TrialAnswer>;

/** @returns why it refuses, for the person who typed them; undefined when it takes them */
export type Verification = (trial: Trial, access: Access) => Promise<string | undefined>;

export const byStatus = (status: number) => (status < 300 ? undefined : `the provider answered the test request with status ${status}`);
