/** A small catalogue of functions, as a build writes it. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flowOf } from '../functions.ts';

/** For the integration `key`: two actions, and a sync that shares its name with a third. @returns the file */
export function writeTemplates(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'bowline-templates-')), 'templates.json');
  const wanted = [
    { type: 'action', name: 'template' },
    { type: 'action', name: 'other-template' },
    { type: 'action', name: 'twice' },
    { type: 'sync', name: 'twice' },
  ] as const;
  const functions = wanted.map((one) => flowOf({ ...one, integration: 'private-api-generic' }));
  writeFileSync(path, JSON.stringify({ sdkVersion: '0.71.10-zero', functions }));
  return path;
}
