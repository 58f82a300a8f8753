/** A GitHub App for tests: what its developer registered, and the public half of its key. */
import { generateKeyPairSync } from 'node:crypto';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const appKey = publicKey;
export const githubApp = {
  type: 'APP',
  app_id: '4711',
  app_link: 'https://github.com/apps/bowline-test',
  private_key: String(privateKey.export({ type: 'pkcs1', format: 'pem' })),
} as const;
