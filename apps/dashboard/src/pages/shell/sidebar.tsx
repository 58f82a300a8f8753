/** The sidebar of wide screens: environment, places, and who is signed in. */
import { Link } from '@tanstack/react-router';
import { useEnvironment } from '../../environment.tsx';
import { Wordmark } from '../../ui/logo.tsx';
import { EnvironmentMenu } from './environment-menu.tsx';
import { MemberMenu } from './member-menu.tsx';
import { places, useMark } from './places.tsx';

export function Sidebar({ live }: { live: boolean }) {
  const { env, session } = useEnvironment();
  const mark = useMark();
  return (
    <aside className="fixed inset-y-0 left-0 z-20 hidden w-58 flex-col border-r border-line bg-sunken/70 md:flex">
      <div className="flex h-14 items-center px-5">
        <Link to="/$env" params={{ env }} activeOptions={{ exact: true }} aria-label="Bowline, overview" className="rounded-md">
          <Wordmark />
        </Link>
      </div>
      <div className="px-3 pb-3">
        <EnvironmentMenu />
      </div>
      <nav aria-label="Main" className="flex flex-1 flex-col gap-0.5 px-3">
        {places.map(({ to, label, icon: Icon, key, exact }) => (
          <Link
            key={to}
            to={to}
            params={{ env }}
            activeOptions={{ exact, includeSearch: false }}
            {...mark(to)}
            className="group flex h-8 items-center gap-2.5 rounded-lg px-2.5 font-medium text-muted transition-colors hover:bg-hover hover:text-ink data-[status=active]:bg-panel data-[status=active]:text-ink data-[status=active]:shadow-soft data-[status=active]:ring-1 data-[status=active]:ring-line"
          >
            <Icon aria-hidden className="size-4 text-faint group-data-[status=active]:text-accent" />
            <span className="flex-1">{label}</span>
            <kbd aria-hidden className="hidden text-2xs text-faint group-hover:inline">
              g {key}
            </kbd>
          </Link>
        ))}
      </nav>
      <div className="flex flex-col gap-2 p-3">
        <div
          className="flex items-center justify-between px-2 text-2xs text-muted"
          title={live ? 'Changes appear by themselves' : 'Trying to reach the server again'}
        >
          <span role="status" className="inline-flex items-center gap-1.5">
            <span aria-hidden className={`size-1.5 rounded-full ${live ? 'bg-good-bar' : 'animate-pulse bg-warn'}`} />
            {live ? 'Live' : 'Reconnecting…'}
          </span>
          <span className="tabular-nums">{session.version}</span>
        </div>
        <MemberMenu />
      </div>
    </aside>
  );
}
