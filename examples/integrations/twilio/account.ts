/** Twilio's paths name the account, which is the user name of the connection. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';

const Connection = z.object({ credentials: z.object({ username: z.string() }) });

export const messagesOf = async (nango: NangoAction): Promise<string> => {
  const { credentials } = Connection.parse(await nango.getConnection());
  return `/2010-04-01/Accounts/${credentials.username}/Messages.json`;
};
