/** What is shown around the form of a flow: what will happen, where to find the values, waiting, how it ended. */
import type { Provider } from '@bowline/api/providers';
import { CircleCheck, ExternalLink, LoaderCircle, ShieldCheck } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import * as z from 'zod';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/empty.tsx';
import { modeOf } from './modes.ts';
import { type Audience, explain } from './problem.ts';

/** Promises a check only where the provider's definition names a request to check with. */
const Checked = z.object({ proxy: z.object({ verification: z.object({}) }) });

export function Explanation({ provider, name, asks }: { provider: Provider; name: string; asks: boolean }) {
  return (
    <p className="flex gap-2.5 rounded-lg bg-sunken px-3 py-2.5 text-muted">
      <ShieldCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />
      {modeOf(provider.auth_mode)?.kind === 'window'
        ? `A window of ${name} opens. Sign in there and allow access; the window closes by itself.`
        : formWords(provider, name, asks)}
    </p>
  );
}

function formWords(provider: Provider, name: string, asks: boolean): string {
  if (!asks) return `Nothing has to be entered for ${name}.`;
  return Checked.safeParse(provider).success
    ? `What you enter is checked with ${name}, then stored encrypted.`
    : 'What you enter is stored encrypted.';
}

export function Help({ url }: { url: unknown }) {
  if (typeof url !== 'string' || !/^https?:\/\//.test(url)) return null;
  return (
    <a
      href={url}
      target="_blank"
      rel="noreferrer"
      className="-mt-1 inline-flex items-center gap-1.5 self-start text-accent underline-offset-2 hover:underline"
    >
      Where do I find this?
      <ExternalLink aria-hidden className="size-3.5" />
      <span className="sr-only">(opens a new tab)</span>
    </a>
  );
}

export function Failure({ error, audience }: { error: unknown; audience: Audience }) {
  const { title, advice, detail } = explain(error, audience);
  const adds = detail !== '' && detail !== title;
  return (
    <Notice title={title}>
      {adds && audience === 'member' && <p>{detail}</p>}
      <p>{advice}</p>
      {adds && audience === 'endUser' && (
        <details className="mt-1.5 text-sm text-muted">
          <summary>Details</summary>
          <p className="mt-1">{detail}</p>
        </details>
      )}
    </Notice>
  );
}

export function Impossible({ name, audience }: { name: string; audience: Audience }) {
  return (
    <Notice
      tone="plain"
      title={audience === 'member' ? `${name} cannot be connected in a browser yet` : `${name} cannot be connected here`}
    >
      {audience === 'member'
        ? 'Import the connection with its credentials through the API: POST /connections.'
        : 'Please tell whoever sent you this link.'}
    </Notice>
  );
}

export function Waiting({ name, closed, onCancel }: { name: string; closed: boolean; onCancel: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []); // the button that had the focus is gone
  return (
    <div ref={box} tabIndex={-1} className="flex flex-col items-center py-6 text-center outline-none">
      <LoaderCircle aria-hidden className="mb-3 size-6 animate-spin text-accent" />
      <div role="status">
        <p className="text-base font-semibold">{closed ? 'The window seems to be closed' : `Waiting for ${name}`}</p>
        <p className="mt-1 max-w-xs text-muted">
          {closed
            ? 'If you are still at it, go on: this page will notice. Otherwise start again.'
            : 'Finish the steps in the window that opened.'}
        </p>
      </div>
      <Button className="mt-4" onClick={onCancel}>
        {closed ? 'Start again' : 'Cancel'}
      </Button>
    </div>
  );
}

export function Done({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex flex-col items-center py-6 text-center">
      <CircleCheck aria-hidden className="mb-3 size-8 text-good" />
      <p role="status" className="text-base font-semibold">
        {name} is connected
      </p>
      <div className="mt-1 w-full text-muted">{children}</div>
    </div>
  );
}
