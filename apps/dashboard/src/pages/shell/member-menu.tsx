/** Who is signed in, how the dashboard looks, and the way out. */
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { BookOpen, Keyboard, LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { apiOf, wordsOf } from '../../client.ts';
import { useEnvironment } from '../../environment.tsx';
import { type Theme, useTheme } from '../../theme.ts';
import { Menu, MenuItem, MenuLabel, MenuLine } from '../../ui/menu.tsx';
import { toast } from '../../ui/toast.tsx';
import { showKeys } from './keys.tsx';

const themes: [Theme, string, typeof Sun][] = [
  ['system', 'As the system', Monitor],
  ['light', 'Light', Sun],
  ['dark', 'Dark', Moon],
];

export function MemberMenu({ compact = false }: { compact?: boolean }) {
  const { member } = useEnvironment().session;
  const [theme, setTheme] = useTheme();
  const signOut = useSignOut();
  const initial = (member.name || member.email).charAt(0).toUpperCase();
  return (
    <Menu
      align={compact ? 'end' : 'start'}
      trigger={
        <button
          type="button"
          className={`flex items-center gap-2.5 rounded-lg hover:bg-hover ${compact ? 'p-1' : 'w-full px-2 py-1.5 text-left'}`}
        >
          <span
            aria-hidden
            className="inline-flex size-6 shrink-0 items-center justify-center rounded-full bg-accent-soft text-2xs font-semibold text-accent"
          >
            {initial}
          </span>
          {!compact && <span className="min-w-0 flex-1 truncate text-muted">{member.name || member.email}</span>}
          <span className="sr-only">signed in as {member.email}</span>
        </button>
      }
    >
      <MenuLabel>{member.email}</MenuLabel>
      <MenuLine />
      {themes.map(([value, label, Icon]) => (
        <MenuItem key={value} icon={<Icon aria-hidden />} checked={theme === value} onSelect={() => setTheme(value)}>
          {label}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem icon={<BookOpen aria-hidden />} onSelect={() => void window.open('/reference', '_blank', 'noopener')}>
        API reference
      </MenuItem>
      <MenuItem icon={<Keyboard aria-hidden />} onSelect={showKeys}>
        Keyboard shortcuts
      </MenuItem>
      <MenuItem icon={<LogOut aria-hidden />} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}

function useSignOut() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    try {
      await apiOf('').dashboard.signOut({ query: {} });
    } catch (error) {
      toast.bad(wordsOf(error));
      return;
    }
    await navigate({ to: '/signin' });
    queryClient.clear();
  };
}
