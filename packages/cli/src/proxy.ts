/**
 * The proxy that the machine's environment names, for every request of the command: Node's own `fetch` does not look there. Loaded only where there
 * is one. A server on this machine is never asked for through it, whatever NO_PROXY says.
 */

const names = ['HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy', 'http_proxy'] as const;
const here = ['localhost', '127.0.0.1', '[::1]'];

export const useProxy = async (env: Readonly<Record<string, string | undefined>>): Promise<void> => {
  if (!names.some((name) => env[name])) return;
  const { EnvHttpProxyAgent, setGlobalDispatcher } = await import('undici');
  const apart = env.no_proxy ?? env.NO_PROXY ?? '';
  setGlobalDispatcher(new EnvHttpProxyAgent({ noProxy: [apart, ...here].filter(Boolean).join(',') }));
};
