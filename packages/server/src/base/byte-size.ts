/** A size as a setting has it: `512kb`, `75mb`. */
const units: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/** @returns bytes; undefined when it is no size, or not within the bounds */
export function parseByteSize(text: string, { min, max }: { min: number; max: number }): number | undefined {
  const [, amount, unit = 'b'] = text.toLowerCase().match(/^(\d{1,9}(?:\.\d{1,3})?) ?([kmg]?b)?$/) ?? [];
  const bytes = Math.floor(Number(amount) * (units[unit] ?? Number.NaN));
  return bytes >= min && bytes <= max ? bytes : undefined;
}
