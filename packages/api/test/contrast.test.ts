/** The colours of WCAG's own definition: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
import { contrast, readableOn, textOn } from '@bowline/api/contrast';
import { expect, test } from 'vitest';

test.each([
  ['#000', '#ffffff', 21],
  ['#777777', '#ffffff', 4.48],
  ['#0b6cb8', '#fff', 5.46],
  ['#abc', '#aabbcc', 1],
])('%s and %s', (one, other, ratio) => {
  expect(contrast(one, other)).toBeCloseTo(ratio, 1);
  expect(contrast(other, one)).toBe(contrast(one, other));
});

/** A thousand colours that cover the cube. */
const colours = Array.from(
  { length: 1000 },
  (_, index) =>
    `#${Math.round((index * 0xffffff) / 999)
      .toString(16)
      .padStart(6, '0')}`,
);

test('text on any colour can be read', () => {
  for (const colour of colours) expect(contrast(textOn(colour), colour)).toBeGreaterThanOrEqual(4.5);
});

test('any colour becomes one that can be read as text, and one that can be read stays', () => {
  for (const ground of ['#ffffff', '#151920', '#808080']) {
    for (const colour of colours) expect(contrast(readableOn(ground, colour), ground)).toBeGreaterThanOrEqual(4.5);
  }
  expect(readableOn('#ffffff', '#0b6cb8')).toBe('#0b6cb8');
});
