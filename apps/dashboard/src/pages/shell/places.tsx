/** The places one can go, in the order of the sidebar. `key` follows `g` on the keyboard; `holds` are pages of it whose address is not below its own. */
import { useMatches } from '@tanstack/react-router';
import { Activity, Boxes, Cable, House, Settings } from 'lucide-react';

export const places = [
  { to: '/$env', label: 'Overview', icon: House, key: 'o', exact: true, holds: [] },
  {
    to: '/$env/integrations',
    label: 'Integrations',
    icon: Boxes,
    key: 'i',
    exact: false,
    holds: ['/$env/providers', '/$env/providers/$name', '/$env/new-provider'],
  },
  { to: '/$env/connections', label: 'Connections', icon: Cable, key: 'c', exact: false, holds: [] },
  { to: '/$env/activity', label: 'Activity', icon: Activity, key: 'a', exact: false, holds: ['/$env/captures', '/$env/deliveries'] },
  { to: '/$env/settings', label: 'Settings', icon: Settings, key: 's', exact: false, holds: [] },
] as const;

const here = { 'aria-current': 'page', 'data-status': 'active' } as const;

/** @returns what a link to a place is marked with while one of the pages that it holds is open; below its own address a link marks itself */
export function useMark(): (to: string) => Partial<typeof here> {
  const open = useMatches({
    select: (matches) => places.find(({ holds }) => holds.some((id) => matches.some(({ routeId }) => routeId === id)))?.to,
  });
  return (to) => (to === open ? here : {});
}
