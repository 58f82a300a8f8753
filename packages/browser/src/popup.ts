/** The window of the provider. It must be opened inside the click, before anything is awaited: browsers block it later. */
import { AuthError } from './auth-error.ts';

/**
 * The window that a sign-in goes on in: `client.win`, while there is one.
 *
 * @example
 * client.win?.modal.focus();
 */
export type AuthorizationModal = { readonly modal: Window };

/** What is shown on its last page can be read that long. */
const CLOSE_MS = 500;

export type Popup = AuthorizationModal & { go(address: string): void; isClosed(): boolean; close(): void };

/** @throws AuthError `blocked_by_browser` */
export function openPopup({ width, height }: { width: number; height: number }): Popup {
  const size = { width: Math.min(width, screen.availWidth || width), height: Math.min(height, screen.availHeight || height) };
  const left = Math.max(0, Math.round(screenX + (outerWidth - size.width) / 2));
  const top = Math.max(0, Math.round(screenY + (outerHeight - size.height) / 3));
  const features = { left, top, ...size, scrollbars: 'yes', resizable: 'yes', status: 'no', toolbar: 'no', location: 'no', menubar: 'no' };
  const text = Object.entries(features).map((pair) => pair.join('='));
  const modal = window.open('', '_blank', text.join(','));
  if (!modal || modal.closed) throw blocked();
  try {
    modal.document.title = 'Connecting…';
  } catch {} // some browsers give the empty page an origin of its own
  return {
    modal,
    go(address) {
      if (modal.closed) throw blocked();
      modal.location.replace(address);
    },
    isClosed: () => modal.closed,
    close: () => setTimeout(() => modal.close(), CLOSE_MS),
  };
}

function blocked(): AuthError {
  return new AuthError('The browser blocked the window: allow pop-ups for this page, or use the mode "redirect"', 'blocked_by_browser');
}
