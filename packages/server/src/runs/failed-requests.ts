/** Requests of a run that failed in a way that may have hidden records, and were not repeated with success. */
import { hash } from 'node:crypto';
import type { calls } from '@bowline/api/calls';
import type * as z from 'zod';

type Request = Pick<z.output<(typeof calls)['proxy']['params']>, 'method' | 'endpoint' | 'params'>;

/** @param status of the answer; undefined when there was none */
export function noteOutcome(failed: Set<string>, { method, endpoint, params }: Request, body: Buffer, status: number | undefined): void {
  const isFailure = status === undefined || hidesRecords(status);
  if (!isFailure && failed.size === 0) return;
  const key = hash('sha256', Buffer.concat([Buffer.from(JSON.stringify([method, endpoint, params])), body]), 'base64');
  if (isFailure) failed.add(key);
  else failed.delete(key);
}

/** That something is not there (404, 410) or was asked wrongly is an answer; after these a page is missing. */
const hidesRecords = (status: number): boolean => status >= 500 || [401, 403, 408, 425, 429].includes(status);
