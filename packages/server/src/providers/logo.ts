/**
 * Logos: what the operator put into a folder, else a mark drawn from the name. They are for everybody, and no address says which environment
 * has which providers: any name that could be one has a mark.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monogram } from '@bowline/providers/logo';
import type { FastifyInstance } from 'fastify';
import type { World } from '../base/world.ts';

export function logoUrl({ config }: Pick<World, 'config'>, provider: string): string {
  return `${config.publicUrl}/images/template-logos/${provider}.svg`;
}

/** The address ends in `.svg` for all, also where a PNG is served. */
const FILE = /^([a-z0-9][a-z0-9-]{0,99})(?:\.svg|\.png)?$/;
const types = { svg: 'image/svg+xml', png: 'image/png' } as const;
const headers = {
  'cache-control': 'public, max-age=86400',
  // Opened by itself, an SVG is a page: it may run nothing and load nothing.
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  'x-content-type-options': 'nosniff',
};

export function bindLogos(app: FastifyInstance, world: Pick<World, 'builtIns' | 'config'>): void {
  app.get<{ Params: { file: string } }>('/images/template-logos/:file', async (request, reply) => {
    const name = FILE.exec(request.params.file)?.[1];
    if (name === undefined) return reply.code(404).send();
    const { type, body } = (await operatorsLogo(world.config.logos, name)) ?? { type: types.svg, body: drawn(world, name) };
    return reply.headers(headers).type(type).send(body);
  });
}

/** @param name of letters, digits and dashes, so it leads nowhere else */
async function operatorsLogo(folder: string | undefined, name: string): Promise<{ type: string; body: Buffer } | undefined> {
  if (folder === undefined) return undefined;
  for (const [ending, type] of Object.entries(types)) {
    const body = await readFile(join(folder, `${name}.${ending}`)).catch(() => undefined);
    if (body) return { type, body };
  }
  return undefined;
}

/** Whatever an environment calls it, its mark is made of what is in the address. */
function drawn({ builtIns }: Pick<World, 'builtIns'>, name: string): string {
  return monogram(builtIns.get(name) ?? { name, display_name: name.replaceAll('-', ' ') });
}
