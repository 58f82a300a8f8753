/** A link to a page that explains, in a tab of its own. What is no web address is not shown. */
import { ExternalLink } from 'lucide-react';

export function HelpLink({ url, text, about, newTab }: { url: string | undefined; text: string; about?: string; newTab: string }) {
  if (!url || !/^https?:\/\//.test(url)) return null;
  return (
    <a
      href={url}
      target="_blank"
      rel="noreferrer"
      className="inline-flex min-h-6 items-center gap-1.5 self-start text-sm font-medium text-accent underline underline-offset-2"
    >
      {text}
      {about && <span className="sr-only"> {about}</span>}
      <ExternalLink aria-hidden className="size-3.5" />
      <span className="sr-only"> ({newTab})</span>
    </a>
  );
}
