/** Which entries of the catalogue are one vendor's: those whose names differ only in how they connect (`stripe`, `stripe-api-key`, `stripe-sandbox`). */

/** Ends of names that say how it connects, not what it is. */
const ways = new Set(
  'sandbox demo test api key apikey pat oauth oauth1 oauth2 mcp cc cert jwt app apps install plugin basic tba client credentials personal access token service account iam sigv4 bot generic m2m scim'.split(
    ' ',
  ),
);

/** @returns the vendor's part of the name; never empty */
export function familyOf(name: string): string {
  const parts = name.split('-');
  while (parts.length > 1 && ways.has(parts.at(-1) ?? '')) parts.pop();
  return parts.join('-');
}

/** Whether it is a vendor's test environment: its file says so, or its name. */
export function isSandbox({ name, sandbox }: { readonly name: string; readonly sandbox?: boolean | undefined }): boolean {
  return sandbox ?? /(?:^|-)sandbox(?:-|$)/.test(name);
}
