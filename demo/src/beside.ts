/** What runs beside the platform while the demo is there: the emulator and the receiver, and the provider that points at the emulator. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Emulator, startEmulator } from './emulator.ts';
import type { Place } from './place.ts';
import { type Receiver, startReceiver } from './receiver.ts';

export const PROVIDER = 'github-demo';
export type Beside = {
  readonly emulator: Emulator;
  readonly receiver: Receiver;
  readonly client: { readonly id: string; readonly secret: string };
  stop(): Promise<void>;
};

/** For the platform's start: a further provider file, and the only private addresses it may call. */
export function forPlatform({ folder, emulatorPort, receiverPort }: Place): { providers: string[]; allow: string[] } {
  const hosts = [emulatorPort, receiverPort].map((port) => `127.0.0.1:${port}`);
  return { providers: [writeProvider(folder, `http://127.0.0.1:${emulatorPort}`)], allow: hosts };
}

/** @param publicUrl of the platform: where the emulator sends browsers back to */
export async function startBeside(place: Place, publicUrl: string, progress: (line: string) => void): Promise<Beside> {
  const { folder, emulatorPort, receiverPort, clientId, clientSecret } = place;
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
    stop: async () => {
      await Promise.all([emulator.stop(), receiver.stop()]);
    },
  };
}

/** GitHub as the catalogue has it, with the emulator's addresses. */
function writeProvider(folder: string, url: string): string {
  const file = join(folder, 'providers', `${PROVIDER}.yaml`);
  mkdirSync(join(folder, 'providers'), { recursive: true });
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
  writeFileSync(file, lines.join('\n'));
  return file;
}
