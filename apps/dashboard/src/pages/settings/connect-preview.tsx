/** The Connect UI in a frame, with invented services: it is told every change, and connects nothing. */
import type { Appearance, ThemeName } from '@bowline/api/appearance';
import { useCallback, useEffect, useRef } from 'react';

const ADDRESS = '/connect/?preview=true&embedded=true&lang=en';

export function ConnectPreview({ settings, theme }: { settings: Appearance; theme: ThemeName }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const tell = useCallback(() => {
    const message = { type: 'settings_changed', payload: { ...settings, defaultTheme: theme } };
    frame.current?.contentWindow?.postMessage(message, location.origin);
  }, [settings, theme]);
  useEffect(() => {
    tell();
    const hear = ({ source, data }: MessageEvent<unknown>) => {
      if (source === frame.current?.contentWindow && Object(data).type === 'ready') tell();
    };
    addEventListener('message', hear);
    return () => removeEventListener('message', hear);
  }, [tell]);
  return <iframe ref={frame} src={ADDRESS} title="Preview of the Connect UI" className="h-[40rem] w-full rounded-lg border border-line" />;
}
