/** The places, within reach of the thumb, on phones. */
import { Link } from '@tanstack/react-router';
import { useEnvironment } from '../../environment.tsx';
import { places, useMark } from './places.tsx';

export function BottomBar() {
  const { env } = useEnvironment();
  const mark = useMark();
  return (
    <nav
      aria-label="Main, phone"
      className="fixed inset-x-0 bottom-0 z-20 grid grid-cols-5 border-t border-line bg-panel/95 pb-[env(safe-area-inset-bottom)] backdrop-blur md:hidden"
    >
      {places.map(({ to, label, icon: Icon, exact }) => (
        <Link
          key={to}
          to={to}
          params={{ env }}
          activeOptions={{ exact, includeSearch: false }}
          {...mark(to)}
          className="flex h-14 flex-col items-center justify-center gap-1 text-[0.625rem] leading-none font-medium text-muted data-[status=active]:text-accent"
        >
          <Icon aria-hidden className="size-5" />
          {label}
        </Link>
      ))}
    </nav>
  );
}
