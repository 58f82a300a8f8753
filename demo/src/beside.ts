/** What runs beside the platform while the demo is there: the emulator and the receiver, and the provider that points at the emulator. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Emulator, startEmulator } from './emulator.ts';
import { openPlace } from './place.ts';
import { type Receiver, startReceiver } from './receiver.ts';

export const PROVIDER = 'github-demo';
export type Beside = {
  readonly emulator: Emulator;
  readonly receiver: Receiver;
  readonly client: { readonly id: string; readonly secret: string };
  /** For the platform: further provider files, and the only private addresses it may call. */
  readonly providers: string[];
  readonly allow: string[];
  stop(): Promise<void>;
};

/**
 * @param home the data folder
 * @param publicUrl of the platform: where the emulator sends browsers back to
 */
export async function startBeside(home: string, publicUrl: string, progress: (line: string) => void): Promise<Beside> {
  const { folder, emulatorPort, receiverPort, clientId, clientSecret } = await openPlace(home);
  const redirectUri = `${publicUrl}/oauth/callback`;
  const settings = { port: emulatorPort, journal: join(folder, 'emulator.jsonl'), clientId, clientSecret, redirectUri };
  const emulator = await startEmulator(settings, progress);
  const receiver = await startReceiver(receiverPort).catch(async (error: unknown) => {
    await emulator.stop();
    throw error;
  });
  return {
    emulator,
    receiver,
    client: { id: clientId, secret: clientSecret },
    providers: [writeProvider(folder, emulator.url)],
    allow: [new URL(emulator.url).host, new URL(receiver.url).host],
    stop: async () => {
      await Promise.all([emulator.stop(), receiver.stop()]);
    },
  };
}

/** GitHub as the catalogue has it, with the emulator's addresses. */
function writeProvider(folder: string, url: string): string {
  const providers = join(folder, 'providers');
  mkdirSync(providers, { recursive: true });
  const lines = [
    '# Written by the demo at every start.',
    'extends: github',
    'display_name: GitHub (demo)',
    `authorization_url: ${url}/login/oauth/authorize`,
    `token_url: ${url}/login/oauth/access_token`,
    'proxy:',
    `  base_url: ${url}`,
    '',
  ];
  writeFileSync(join(providers, `${PROVIDER}.yaml`), lines.join('\n'));
  return providers;
}
