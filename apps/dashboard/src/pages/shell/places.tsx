/** The places one can go, in the order of the sidebar. `key` follows `g` on the keyboard. */
import { Activity, Boxes, Cable, House, Settings } from 'lucide-react';

export const places = [
  { to: '/$env', label: 'Overview', icon: House, key: 'o', exact: true },
  { to: '/$env/integrations', label: 'Integrations', icon: Boxes, key: 'i', exact: false },
  { to: '/$env/connections', label: 'Connections', icon: Cable, key: 'c', exact: false },
  { to: '/$env/activity', label: 'Activity', icon: Activity, key: 'a', exact: false },
  { to: '/$env/settings', label: 'Settings', icon: Settings, key: 's', exact: false },
] as const;
