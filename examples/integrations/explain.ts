/** Shared by actions of every integration: says in the app's words what a status of the provider means. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';

const Refusal = z.object({ response: z.object({ status: z.number(), data: z.unknown() }) });

/**
 * Waits for a call; where the provider refuses it with one of the statuses named, the caller of the action reads the message given for it,
 * together with the provider's own answer. Any other failure is passed on as it is.
 */
export const orExplain = async <T>(nango: NangoAction, call: Promise<T>, messages: Readonly<Record<number, string>>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    const refusal = Refusal.safeParse(error);
    const message = refusal.success ? messages[refusal.data.response.status] : undefined;
    if (message === undefined || !refusal.success) throw error;
    throw new nango.ActionError({ message, status: refusal.data.response.status, answer: refusal.data.response.data });
  }
};

/** The status with which the provider refused a call; undefined for any other failure. */
export const statusOf = (error: unknown): number | undefined => Refusal.safeParse(error).data?.response.status;
