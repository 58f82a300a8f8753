/**
 * A mark for a provider: its initials on a colour of its own, as SVG. Vendors' logos are their trademarks and no part of this project;
 * an operator may serve real ones in their place.
 */
import { createHash } from 'node:crypto';
import type { Provider } from './provider.ts';

/** @returns a square SVG of 96 units, the same for the same provider */
export function monogram(provider: Pick<Provider, 'name' | 'display_name'>): string {
  const hue = (createHash('sha256').update(provider.name).digest().readUInt16BE(0) * 360) / 65_536;
  const words = provider.display_name
    .replace(/\(.*\)/, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  const letters = (
    words.length > 1
      ? words
          .slice(0, 2)
          .map((word) => word.charAt(0))
          .join('')
      : (words[0] ?? '?').slice(0, 1)
  ).toUpperCase();
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" role="img">',
    `<rect width="96" height="96" rx="20" fill="hsl(${Math.round(hue)} 45% 42%)"/>`,
    `<text x="48" y="50" font-family="Inter,system-ui,sans-serif" font-size="${letters.length > 1 ? 38 : 46}" font-weight="600" fill="#fff" text-anchor="middle" dominant-baseline="central">${letters}</text>`,
    '</svg>',
  ].join('');
}
