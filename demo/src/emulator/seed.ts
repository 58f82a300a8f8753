/**
 * What the emulated GitHub holds at first: two repositories, their labels, 150 issues and comments. The same on every machine, only the
 * dates are counted back from the moment of seeding. Nothing is younger than two hours, so an incremental sync's overlap reads none twice.
 */
import { bodies, closings, remarks, subjects } from './prose.ts';

export type Act = { at: number; method: 'POST' | 'PATCH'; path: string; body: object };

/** Acts as octocat, the owner of both repositories. */
export const OWNER_TOKEN = 'demo-owner';
export const logins = [{ login: 'octocat', name: 'The Octocat' }];
export const repositories = [
  { name: 'harbor', description: 'File sync you can host yourself', issues: 118 },
  { name: 'lighthouse', description: 'A status page that tells the truth', issues: 32 },
] as const;
export const issueCount = repositories.reduce((sum, { issues }) => sum + issues, 0);

const labels = {
  harbor: [
    ['bug', 'd73a4a', 'Something is broken'],
    ['feature', 'a2eeef', 'Something new'],
    ['performance', 'fbca04', 'Works, but slowly'],
    ['documentation', '0075ca', 'Words, not code'],
    ['security', 'b60205', 'Handle with care'],
    ['good first issue', '7057ff', 'A place to start'],
    ['stale', 'ededed', 'Nothing happened for a long time'],
  ],
  lighthouse: [
    ['bug', 'd73a4a', 'Something is broken'],
    ['feature', 'a2eeef', 'Something new'],
    ['design', 'c5def5', 'How it looks'],
    ['documentation', '0075ca', 'Words, not code'],
    ['wontfix', 'ffffff', 'Considered, and declined'],
  ],
} as const;
export const labelCount = Object.values(labels).flat().length;
/** On no issue, so that deleting it changes nothing else. */
export const unusedLabel = { repository: 'harbor', name: 'stale' } as const;

const HOUR_MS = 3_600_000;
const kinds = ['bug', 'bug', 'feature', 'feature', 'performance', 'documentation'] as const;

/** Every request that fills the emulator, oldest first. */
export function seedActs(beganAt: number): Act[] {
  const random = mulberry32(0x0c70ca7);
  const start = beganAt - 200 * 24 * HOUR_MS;
  const acts = repositories.flatMap(({ name, issues }) => [
    ...labels[name].map(
      ([label, color, description]): Act => ({
        at: start,
        method: 'POST',
        path: `/repos/octocat/${name}/labels`,
        body: { name: label, color, description },
      }),
    ),
    ...Array.from({ length: issues }, (_, index) =>
      issueActs(name, index, start + ((index + 1) / issues) * 190 * 24 * HOUR_MS, random),
    ).flat(),
  ]);
  return acts.sort((a, b) => a.at - b.at); // stable: what is of one moment stays in order
}

function issueActs(repository: keyof typeof labels, index: number, at: number, random: () => number): Act[] {
  const path = `/repos/octocat/${repository}/issues`;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T; // random() < 1, lists are not empty
  const kind = pick(kinds);
  const known = labels[repository].some(([label]) => label === kind) ? [kind] : [];
  const extra = repository === 'harbor' && random() < 0.15 ? ['good first issue'] : [];
  const title = subjects[kind][index % subjects[kind].length] ?? '';
  const round = Math.floor(index / subjects[kind].length);
  const acts: Act[] = [
    {
      at,
      method: 'POST',
      path,
      body: {
        title: round === 0 ? title : `${title} (${pick(['again', 'on Windows', 'behind a proxy', 'since 2.4'])})`,
        body: pick(bodies[kind]),
        labels: [...known, ...extra],
        assignees: random() < 0.3 ? ['octocat'] : [],
      },
    },
  ];
  const comments = random() < 0.4 ? 1 + Math.floor(random() * 3) : 0;
  for (let number = 1; number <= comments; number++) {
    acts.push({ at: at + number * 5 * HOUR_MS, method: 'POST', path: `${path}/${index + 1}/comments`, body: { body: pick(remarks) } });
  }
  if (random() < 0.35) {
    acts.push({ at: at + 30 * HOUR_MS, method: 'POST', path: `${path}/${index + 1}/comments`, body: { body: pick(closings) } });
    acts.push({ at: at + 30 * HOUR_MS, method: 'PATCH', path: `${path}/${index + 1}`, body: { state: 'closed' } });
  }
  return acts;
}

/** A small seeded generator: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
