// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts that are no templates
/** Documents as nobody means them: parts are taken away, swapped and replaced. The draft is a valid provider all the same, or the command says why there is none. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readDefinition, settleDefinition } from '@bowline/providers/own-definition';
import { Failure } from 'bowline/failure';
import { openDocument, parseDocument } from 'bowline/openapi/document';
import { draftProvider } from 'bowline/openapi/draft';
import { writeDraft } from 'bowline/openapi/write';
import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('documents/', import.meta.url));
const runs = Number(process.env.FUZZ_RUNS ?? 150);
const seed = Number(process.env.FUZZ_SEED ?? 1);

/** Numbers from 0 to below `max`, the same for the same seed (mulberry32). */
const dice = (start: number) => {
  let state = start;
  return (max: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * max);
  };
};

const junk = [
  null,
  '',
  ' ',
  'x',
  '${apiKey}',
  '{a}',
  '{a}://{b}.{c}',
  'https://',
  '//h',
  'ftp://h',
  '#/paths',
  '../..',
  0,
  -1,
  1e9,
  true,
  [],
  [null],
  ['x'],
  {},
  { $ref: '#/info' },
  { $ref: '#' },
  { $ref: 1 },
  { type: ['string', 'null'] },
  'héllo: #wörld\n- x',
  'Ünïcode key',
  '__proto__',
  'constructor',
];

/** A copy in which some places hold something else. */
const spoil = (value: unknown, roll: (max: number) => number, odds: number): unknown => {
  if (roll(odds) === 0) return junk[roll(junk.length)];
  if (Array.isArray(value)) return value.map((each) => spoil(each, roll, odds));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      roll(odds) === 0 ? [] : [[roll(odds * 3) === 0 ? String(junk[roll(junk.length)]) : key, spoil(inner, roll, odds)]],
    ),
  );
};

it.each(readdirSync(folder))('%s, spoilt', async (name) => {
  const roll = dice(seed);
  const whole = await parseDocument(readFileSync(folder + name, 'utf8'), name);
  let drafted = 0;
  for (let run = 0; run < runs; run++) {
    const spoilt = Object(spoil(whole, roll, [10, 25, 60, 150][run % 4] ?? 25));
    const about = `seed ${seed}, run ${run}: ${JSON.stringify(spoilt)}`;
    try {
      const draft = draftProvider(await openDocument(spoilt, name), {});
      const yaml = await writeDraft(draft, 'https://schema.example', []);
      const read = readDefinition(yaml);
      const settled = 'findings' in read ? read : settleDefinition(read, { parent: undefined, http: true });
      expect('findings' in settled ? settled.findings : [], about).toEqual([]);
      drafted++;
    } catch (error) {
      if (!(error instanceof Failure)) throw new Error(about, { cause: error });
    }
  }
  expect(drafted).toBeGreaterThan(runs / 4);
});
