/** To whom the page speaks, and to whom it listens, for each way that browsers tell who frames it. What a browser has is planted; nothing of ours is. */
import { afterEach, expect, test, vi } from 'vitest';
import { findEmbedder, type Told } from '../src/embedder.ts';

type Heard = (event: { source: unknown; origin: string; data: unknown }) => void;
type Around = { ancestorOrigins?: string[]; referrer?: string };

function frame({ ancestorOrigins, referrer = '' }: Around = {}, preview = false) {
  const sent: [string, string][] = [];
  const heard: Heard[] = [];
  const parent = { postMessage: (message: Told, target: string) => void sent.push([message.type, target]) };
  vi.stubGlobal('parent', parent);
  vi.stubGlobal('location', { ancestorOrigins });
  vi.stubGlobal('document', { referrer });
  vi.stubGlobal('addEventListener', (_type: string, hear: Heard) => void heard.push(hear));
  vi.stubGlobal('removeEventListener', () => {});
  const tokens: string[] = [];
  const settings: unknown[] = [];
  const embedder = findEmbedder({ framed: true, preview });
  embedder.listen({ onToken: (token) => void tokens.push(token), onSettings: (one) => void settings.push(one) });
  const hear = (origin: string, data: unknown, source: unknown = parent) => {
    for (const one of heard) one({ source, origin, data });
  };
  return { embedder, sent, tokens, settings, hear };
}
afterEach(() => void vi.unstubAllGlobals());

const token = { type: 'session_token', sessionToken: 't' };
const connected: Told = { type: 'connect', payload: { connectionId: 'c', providerConfigKey: 'k' } };
const failed: Told = { type: 'error', payload: { errorType: 'x', errorMessage: 'y' } };

test('what holds something goes to the exact origin that handed out the token', () => {
  const { embedder, sent, hear, tokens } = frame();
  embedder.tell({ type: 'ready' });
  hear('https://app.example', token);
  for (const message of [connected, failed, { type: 'close' } as const]) embedder.tell(message);
  expect(tokens).toEqual(['t']);
  expect(sent).toEqual([
    ['ready', '*'],
    ['connect', 'https://app.example'],
    ['error', 'https://app.example'],
    ['close', 'https://app.example'],
  ]);
});

test.each([
  ['the browser knows the origins above', { ancestorOrigins: ['https://app.example'] }, 'https://app.example'],
  ['the request said where it came from', { referrer: 'https://app.example/' }, 'https://app.example'],
])('a token in the address: %s', (_what, around, origin) => {
  const { embedder, sent } = frame(around);
  embedder.tell(connected);
  expect(sent).toEqual([['connect', origin]]);
});

test('while the origin is unknown, only what holds nothing is said', () => {
  const { embedder, sent } = frame();
  for (const message of [connected, failed, { type: 'close' } as const]) embedder.tell(message);
  expect(sent).toEqual([['close', '*']]);
});

test('a page without an origin, which nothing narrower can name, still hears', () => {
  const { embedder, sent, hear } = frame({ ancestorOrigins: ['null'] });
  hear('null', token);
  embedder.tell(connected);
  expect(sent).toEqual([['connect', '*']]);
});

test('whoever does not frame the page is not heard', () => {
  const { tokens, hear } = frame();
  hear('https://evil.example', token, {});
  hear('https://app.example', { type: 'session_token', sessionToken: 7 });
  hear('https://app.example', null);
  expect(tokens).toEqual([]);
});

const settings = { theme: { light: { primary: '#123456' }, dark: { primary: '#abcdef' } }, defaultTheme: 'dark', showWatermark: true };

test('settings count in a preview alone, and only whole and safe', () => {
  const shown = frame({}, true);
  shown.hear('https://app.example', {
    type: 'settings_changed',
    payload: { ...settings, variables: { light: { '--ink': 'url(//evil)', '--radius': '4px' } } },
  });
  shown.hear('https://app.example', {
    type: 'settings_changed',
    payload: { ...settings, theme: { ...settings.theme, dark: { primary: 'red;' } } },
  });
  expect(shown.settings).toEqual([{ ...settings, logo: null, variables: { light: { '--radius': '4px' }, dark: {} } }]);
  const live = frame();
  live.hear('https://app.example', { type: 'settings_changed', payload: settings });
  expect(live.settings).toEqual([]);
});
