/** The tags an end user brings: who connects, as flat texts. */
import type { EndUser, Organization } from '@bowline/api/fields';

const TAGS_MAX = 10;
const KEY = /^[a-z][a-z0-9_\-./]{0,63}$/;

/** Generated keys first; the end user's own tags are dropped as a whole when all together would be more than ten. */
export function tagsOf(endUser: (EndUser & { organization?: Organization | undefined }) | undefined): Record<string, string> {
  if (!endUser) return {};
  const generated = present({
    end_user_id: endUser.id,
    end_user_email: endUser.email,
    end_user_display_name: endUser.display_name,
    organization_id: endUser.organization?.id,
    organization_display_name: endUser.organization?.display_name,
  });
  const own = Object.entries(endUser.tags ?? {})
    .map(([key, value]) => [key.toLowerCase(), value] as const)
    .filter(([key, value]) => KEY.test(key) && value !== '');
  const all = { ...generated, ...Object.fromEntries(own) };
  return Object.keys(all).length > TAGS_MAX ? generated : all;
}

function present(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value ? [[key, value.slice(0, 255)]] : [])));
}
