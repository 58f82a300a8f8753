/** How well a colour can be read on another, by WCAG 2.2: what decides the text on a customer's colour, and that colour as text. */

type Rgb = readonly [number, number, number];

/** From 1 (the same) to 21 (black on white). Colours are `#rgb` or `#rrggbb`. */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(rgbOf(one)), luminance(rgbOf(other))].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

/** Black or white, whichever is read better on it: at least 4.58 on any colour. */
export function textOn(ground: string): string {
  return contrast('#000000', ground) > contrast('#ffffff', ground) ? '#000000' : '#ffffff';
}

/** The colour itself where it can be read on the ground (`least` to 1), else mixed with black or white as little as it takes. */
export function readableOn(ground: string, colour: string, least = 4.5): string {
  const [from, to] = [rgbOf(colour), rgbOf(textOn(ground))];
  for (let part = 0; part < 1; part += 0.05) {
    const mixed = hexOf([0, 1, 2].map((at) => (from[at] ?? 0) + ((to[at] ?? 0) - (from[at] ?? 0)) * part));
    if (contrast(mixed, ground) >= least) return mixed;
  }
  return textOn(ground);
}

function rgbOf(hex: string): Rgb {
  const digits = hex.slice(1);
  const full = digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits;
  const at = (index: number) => Number.parseInt(full.slice(index, index + 2), 16);
  return [at(0), at(2), at(4)];
}

function hexOf(rgb: readonly number[]): string {
  return `#${rgb.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
}

function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}
