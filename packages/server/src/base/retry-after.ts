/** What a server says of when to ask again. Pure. */

/** `Retry-After` in seconds or as a date; 0 when absent or unreadable. */
export function retryAfterMs(header: string | string[] | undefined, now: Date): number {
  const text = [header].flat()[0]?.trim();
  if (!text) return 0;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime();
  return Math.max(ms || 0, 0);
}
