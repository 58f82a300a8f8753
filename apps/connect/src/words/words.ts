/** The language of the page: asked for in the address, else the browser's, else English. Each other language is loaded only when it is spoken. */
import { en } from './en.ts';
import type { Words } from './shape.ts';

const loaders: Record<string, () => Promise<Words>> = {
  en: async () => en,
  de: async () => (await import('./de.ts')).de,
  es: async () => (await import('./es.ts')).es,
  fr: async () => (await import('./fr.ts')).fr,
  ja: async () => (await import('./ja.ts')).ja,
};

/** `de-CH` speaks `de`. */
export function chooseLanguage(asked: string | undefined, browser: readonly string[]): string {
  const wanted = [asked ?? '', ...browser].map((tag) => tag.toLowerCase().split(/[-_]/)[0] ?? '');
  return wanted.find((tag) => Object.hasOwn(loaders, tag)) ?? 'en';
}

export async function loadWords(lang: string): Promise<Words> {
  return (await loaders[lang]?.()) ?? en;
}
