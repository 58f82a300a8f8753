/** Shared by actions of every integration: says in the app's words what a refusal of the provider means. */
import type { NangoAction } from 'bowline';
import { refusalOf } from './refusal.js';

/**
 * Waits for a call; where the provider refuses it with one of the statuses named, the caller of the action reads the message given for it,
 * together with the provider's own answer. Any other failure is passed on as it is.
 */
export const orExplain = async <T>(nango: NangoAction, call: Promise<T>, messages: Readonly<Record<number, string>>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    const refusal = refusalOf(error);
    const message = refusal && messages[refusal.status];
    if (!refusal || message === undefined) throw error;
    throw new nango.ActionError({ message, status: refusal.status, answer: refusal.data });
  }
};

/** The status with which the provider refused a call; undefined for any other failure. */
export const statusOf = (error: unknown): number | undefined => refusalOf(error)?.status;
