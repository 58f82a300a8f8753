/** A chart of lines as an SVG file, for results to be seen at a glance. It follows the reader's light or dark scheme; sizes along it grow tenfold a step. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.ts';

export type Series = { readonly name: string; readonly points: { readonly x: number; readonly y: number }[] };
export type Plot = {
  readonly name: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
};

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 360, 80, 190, 44, 48];
const COLOURS = ['#3b82f6', '#e0752d', '#10a37f', '#a855f7', '#d6457a', '#8a8f98'];

/** Written to `bench/results/<name>.svg`. `x` is drawn by its logarithm, `y` from zero. */
export function plot({ name, title, x, y, series }: Plot): void {
  const points = series.flatMap((one) => one.points);
  const [low, high] = [Math.log10(Math.min(...points.map((p) => p.x))), Math.log10(Math.max(...points.map((p) => p.x)))];
  const top = roundUp(Math.max(...points.map((p) => p.y)));
  const across = (value: number) => LEFT + ((Math.log10(value) - low) / (high - low || 1)) * (WIDTH - LEFT - RIGHT);
  const down = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => part * top);
  const sizes = [...new Set(points.map((p) => p.x))].sort((a, b) => a - b);
  const body = [
    text(LEFT, 22, title, 'start', 'title'),
    ...ticks.map((value) => `<path class="grid" d="M${LEFT} ${down(value).toFixed(1)}H${WIDTH - RIGHT}"/>`),
    ...ticks.map((value) => text(LEFT - 8, down(value) + 4, short(value), 'end')),
    ...sizes.map((value) => text(across(value), HEIGHT - BOTTOM + 20, short(value), 'middle')),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x, 'middle'),
    text(4, TOP - 8, y, 'start'), // it may be wider than the ticks
    ...series.flatMap((one, nr) => line(one, COLOURS[nr % COLOURS.length] ?? '', { across, down, nr })),
  ];
  writeFileSync(join(root, 'bench/results', `${name}.svg`), `${HEAD(title)}\n${body.join('\n')}\n</svg>\n`);
}

type Drawing = { across: (value: number) => number; down: (value: number) => number; nr: number };

function line({ name, points }: Series, colour: string, { across, down, nr }: Drawing): string[] {
  const path = points.map((p, at) => `${at === 0 ? 'M' : 'L'}${across(p.x).toFixed(1)} ${down(p.y).toFixed(1)}`).join('');
  const key = TOP + 8 + nr * 22;
  return [
    `<path fill="none" stroke="${colour}" stroke-width="2" d="${path}"/>`,
    ...points.map((p) => `<circle fill="${colour}" cx="${across(p.x).toFixed(1)}" cy="${down(p.y).toFixed(1)}" r="3"/>`),
    `<path stroke="${colour}" stroke-width="3" d="M${WIDTH - RIGHT + 14} ${key}h16"/>`,
    text(WIDTH - RIGHT + 36, key + 4, name, 'start'),
  ];
}

const HEAD = (
  title: string,
) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">
<style>text{font:12px system-ui,sans-serif;fill:#3a3f47}.title{font-weight:600;font-size:14px}.grid{stroke:#8a8f98;stroke-opacity:.3}
@media(prefers-color-scheme:dark){text{fill:#d5d9e0}}</style>`;

const text = (x: number, y: number, content: string, anchor: string, kind = '') =>
  `<text${kind && ` class="${kind}"`} x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escaped(content)}</text>`;
const escaped = (content: string) => content.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value || 1));
  return ([1, 2, 4, 5, 8, 10].find((step) => step * unit >= value) ?? 10) * unit;
}

function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toFixed(2))} M`;
  return value >= 1e3 ? `${Number((value / 1e3).toFixed(1))} k` : `${Number(value.toFixed(2))}`;
}
