/** The live channel: server-sent events name a topic, and every query of that topic is read again. Bursts are gathered for half a second. */
import { LIVE_PATH, liveTopics } from '@bowline/api/dashboard';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import * as z from 'zod';

const LiveEvent = z.object({ topic: z.enum(liveTopics), id: z.string().optional() });
const GATHER_MS = 500;

/** Whether the channel is open. */
export function useLive(env: string): boolean {
  const queryClient = useQueryClient();
  const [open, setOpen] = useState(true);
  useEffect(() => {
    const source = new EventSource(`${LIVE_PATH}?environment=${encodeURIComponent(env)}`);
    const stale = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wasLost = false;
    const flush = () => {
      timer = undefined;
      for (const topic of [...stale, 'overview']) void queryClient.invalidateQueries({ queryKey: [env, topic] });
      stale.clear();
    };
    source.onmessage = ({ data }) => {
      const event = LiveEvent.safeParse(jsonOf(String(data)));
      if (!event.success) return;
      stale.add(event.data.topic);
      timer ??= setTimeout(flush, GATHER_MS);
    };
    source.onopen = () => {
      setOpen(true);
      if (wasLost) void queryClient.invalidateQueries({ queryKey: [env] }); // events were missed
      wasLost = false;
    };
    source.onerror = () => {
      wasLost = true;
      setOpen(false);
    };
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [env, queryClient]);
  return open;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
