import { expect, test } from 'vitest';
import { loadCatalogue } from '../src/catalogue.ts';
import { monogram } from '../src/logo.ts';

const fillOf = (svg: string) => /<rect[^>]*fill="(#[0-9a-f]{6})"/.exec(svg)?.[1] ?? '';
const lettersOf = (svg: string) => />([^<]*)<\/text>/.exec(svg)?.[1];
const named = (display_name: string, name = 'x') => lettersOf(monogram({ name, display_name }));

/** Of WCAG 2.2, against white. */
function contrast(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05);
}

test('the letters of every mark have a contrast of 4.5 and more, and all colours are used', () => {
  const fills = new Set(
    loadCatalogue()
      .list()
      .map((provider) => fillOf(monogram(provider))),
  );
  expect(fills.size).toBe(24);
  for (const fill of fills) expect(contrast(fill), fill).toBeGreaterThanOrEqual(4.5);
});

test('entries of one vendor share its colour', () => {
  const fill = (name: string) => fillOf(monogram({ name, display_name: name }));
  expect(new Set(['stripe', 'stripe-api-key', 'stripe-app', 'stripe-sandbox'].map(fill)).size).toBe(1);
});

test.each([
  ['GitHub', 'GH'],
  ['Google Drive', 'GD'],
  ['Slack', 'S'],
  ['NetSuite (token-based authentication)', 'NS'],
  ['1Password', '1'],
  ['8×8', '88'],
  ['X', 'X'],
  ['eBay', 'EB'],
  ['amoCRM (Kommo)', 'AC'],
  ['Доктор Веб', 'ДВ'],
  ['日本', '日'],
  ['𝒜lpha', '𝒜'],
  ['ßeta', 'S'],
  ['<&>', 'X'],
])('the mark of %s reads %s', (title, letters) => {
  expect(named(title)).toBe(letters);
});
