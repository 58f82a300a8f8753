/** Which environment is shown, and the way to another. */
import { useNavigate } from '@tanstack/react-router';
import { ChevronsUpDown, Settings2 } from 'lucide-react';
import { useEnvironment } from '../../environment.tsx';
import { Menu, MenuItem, MenuLabel, MenuLine } from '../../ui/menu.tsx';

export function EnvironmentMenu({ compact = false }: { compact?: boolean }) {
  const { env, session } = useEnvironment();
  const navigate = useNavigate();
  const current = session.environments.find((each) => each.name === env);
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={`Environment: ${env}`}
          className={`flex h-8 items-center gap-2 rounded-lg border border-line bg-panel px-2.5 font-medium shadow-soft hover:bg-hover ${compact ? 'max-w-40' : 'w-full'}`}
        >
          <Dot production={current?.is_production ?? false} />
          <span className="min-w-0 flex-1 truncate text-left">{env}</span>
          <ChevronsUpDown aria-hidden className="size-3.5 text-faint" />
        </button>
      }
    >
      <MenuLabel>Environments</MenuLabel>
      {session.environments.map((each) => (
        <MenuItem
          key={each.name}
          checked={each.name === env}
          icon={<Dot production={each.is_production} />}
          onSelect={() => void navigate({ to: '/$env', params: { env: each.name } })}
        >
          {each.name}
          {each.is_production && <span className="ml-1.5 text-2xs text-faint">production</span>}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem
        icon={<Settings2 aria-hidden />}
        onSelect={() => void navigate({ to: '/$env/settings', params: { env }, hash: 'environments' })}
      >
        Manage environments
      </MenuItem>
    </Menu>
  );
}

export function Dot({ production }: { production: boolean }) {
  return <span aria-hidden className={`size-2 shrink-0 rounded-full ${production ? 'bg-rope' : 'bg-accent'}`} />;
}
