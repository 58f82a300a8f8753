/** The page the popup ends on: tells the window that opened it, closes itself on success, stays and explains on failure. */

export type PageResult = { ok: true; isPending?: boolean } | { ok: false; title: string; message: string; errorType: string };

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
/** JSON that may stand in a script: no tag can end it, no line separator break it. */
const escapeScript = (value: object) =>
  JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** @param nonce of the content security policy: the one script that may run */
export function resultPage(result: PageResult, nonce: string): string {
  const message = result.ok
    ? { type: 'nango_oauth_callback_success' }
    : { type: 'nango_oauth_callback_error', payload: { message: result.message, errorType: result.errorType } };
  const title = result.ok ? (result.isPending ? 'Waiting for approval' : 'Connected') : result.title;
  const text = result.ok
    ? result.isPending
      ? 'It is connected as soon as it is approved. You can close this window.'
      : 'You can close this window.'
    : result.message;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { min-height: 90vh; display: grid; place-content: center; justify-items: center; padding: 2rem; text-align: center; margin: 0; }
  h1 { font-size: 1.25rem; margin: 1rem 0 0.25rem; }
  p { margin: 0; max-width: 36rem; opacity: 0.75; overflow-wrap: anywhere; }
  svg { width: 3rem; height: 3rem; color: ${result.ok ? '#0d9488' : '#dc2626'}; }
</style>
<main>
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="${
    result.ok ? 'm8 12.5 2.7 2.7L16 9.5' : 'M12 7.5v5M12 16h.01'
  }"/></svg>
  <h1>${escapeHtml(title)}</h1>
  <p role="${result.ok ? 'status' : 'alert'}">${escapeHtml(text)}</p>
</main>
<script nonce="${nonce}">
  const message = ${escapeScript(message)};
  addEventListener('message', (event) => { if (event.data && event.data.type === 'nango_oauth_callback_ack') close(); });
  if (opener) opener.postMessage(message, '*');
  try { new BroadcastChannel('nango-oauth-callback').postMessage(message); } catch {}
  ${result.ok ? 'setTimeout(close, 500);' : ''}
</script>
</html>`;
}
