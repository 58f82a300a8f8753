/** The top of phone screens: mark, environment and member. */
import { Link } from '@tanstack/react-router';
import { useEnvironment } from '../../environment.tsx';
import { Mark } from '../../ui/logo.tsx';
import { EnvironmentMenu } from './environment-menu.tsx';
import { MemberMenu } from './member-menu.tsx';

export function TopBar() {
  const { env } = useEnvironment();
  return (
    <header className="sticky top-0 z-20 flex h-13 items-center gap-3 border-b border-line bg-canvas/90 px-4 backdrop-blur md:hidden">
      <Link to="/$env" params={{ env }} activeOptions={{ exact: true }} aria-label="Bowline, overview">
        <Mark className="size-6" />
      </Link>
      <EnvironmentMenu compact />
      <span className="flex-1" />
      <MemberMenu compact />
    </header>
  );
}
