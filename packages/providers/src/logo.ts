/**
 * A mark for a provider: its initials on a colour of its vendor, as SVG. Vendors' logos are their trademarks and no part of this project;
 * an operator may serve real ones in their place.
 */
import { createHash } from 'node:crypto';
import { familyOf } from './family.ts';
import type { Provider } from './provider.ts';

/**
 * Every fifteenth degree of hue at one lightness, oklch(0.51 0.135 h) or the strongest chroma that sRGB has there. White has a contrast
 * of 5.4 to 6.2 on each (WCAG asks 4.5), which no lightness of `hsl` gives for all hues: its yellow is far lighter than its blue.
 */
const colours = (
  '#a13e63 #a53e4d #a54134 #a24714 #965202 #895c02 #7d6204 #706903 #5e6f00 #417619 #0f7a39 #017956 ' +
  '#077768 #007575 #067381 #007190 #006da2 #2766b1 #495fb3 #6057af #7350a7 #834a9a #8f458a #9a4178'
).split(' ');

/** @returns a square SVG of 96 units, the same for the same provider; entries of one vendor share their colour */
export function monogram({ name, display_name: title }: Pick<Provider, 'name' | 'display_name'>): string {
  const place = createHash('sha256').update(familyOf(name)).digest().readUInt16BE(0) % colours.length;
  const letters = initials(title) || initials(name) || '?';
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" role="img">',
    `<rect width="96" height="96" rx="20" fill="${colours[place]}"/>`,
    `<text x="48" y="50" font-family="Inter,system-ui,sans-serif" font-size="${[...letters].length > 1 ? 38 : 46}" font-weight="600" fill="#fff" text-anchor="middle" dominant-baseline="central">${letters}</text>`,
    '</svg>',
  ].join('');
}

/** Of the first two words, in any script: a capital within a word begins one (`GitHub`), and what stands in parentheses is none. */
function initials(text: string): string {
  const words = text
    .normalize('NFC')
    .replace(/\(.*\)/, '')
    .split(/[^\p{L}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})/u)
    .filter(Boolean);
  // One letter where its capital is two (ß).
  return words
    .map((word) => [...([...word][0] ?? '').toUpperCase()][0] ?? '')
    .slice(0, 2)
    .join('');
}
