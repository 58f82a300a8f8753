/** Pages for when there is no page: still opening, not found, an environment that does not exist, an error. */
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { wordsOf } from '../../client.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Mark } from '../../ui/logo.tsx';

function Centered({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main id="content" className="flex min-h-[80dvh] flex-col items-center justify-center px-6 text-center">
      <Mark className="mb-5 size-9 text-ink" />
      <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
      {children}
    </main>
  );
}

export function Opening() {
  return (
    <div role="status" className="flex min-h-[80dvh] items-center justify-center text-faint">
      <Mark className="size-8 animate-shimmer" />
      <span className="sr-only">Loading</span>
    </div>
  );
}

export function Missing() {
  return (
    <Centered title="There is nothing at this address">
      <p className="mt-1 text-muted">The link may be old, or what it led to was deleted.</p>
      <Link to="/" className={`mt-5 ${buttonClass('outline')}`}>
        Go to the overview
      </Link>
    </Centered>
  );
}

export function UnknownEnvironment({ name, names }: { name: string; names: string[] }) {
  return (
    <Centered title={`There is no environment ${name}`}>
      <div className="mt-5 flex flex-wrap justify-center gap-2">
        {names.map((env) => (
          <Link key={env} to="/$env" params={{ env }} className={buttonClass('outline')}>
            Open {env}
          </Link>
        ))}
      </div>
    </Centered>
  );
}

export function Crashed({ error }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <Centered title="This page could not be shown">
      <p role="alert" className="mt-1 max-w-md text-muted">
        {wordsOf(error)}
      </p>
      <Button className="mt-5" onClick={() => void router.invalidate()}>
        Try again
      </Button>
    </Centered>
  );
}
