/** What a process does. Any number of processes may have a role; at least one must have each, or what it stands for waits. */
export const roles = ['api', 'worker', 'scheduler'] as const;
export type Role = (typeof roles)[number];
export type Roles = ReadonlySet<Role>;

/** @returns undefined when a part is no role */
export function parseRoles(text: string): Roles | undefined {
  if (text === 'all') return new Set(roles);
  const named = text.split(',').map((part) => roles.find((role) => role === part.trim()));
  return named.every((role) => role !== undefined) ? new Set(named) : undefined;
}

/** In the order of the table, whatever order they were given in. */
export function listRoles(given: Roles): Role[] {
  return roles.filter((role) => given.has(role));
}
