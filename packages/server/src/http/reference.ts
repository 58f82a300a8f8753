/**
 * `GET /reference`: a browser for `/openapi.json`. The viewer is swagger-ui's own bundle, served from its package: nothing is loaded
 * from elsewhere. The page runs no inline script; the viewer writes style attributes, so those are allowed.
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { World } from '../base/world.ts';

const FILES = ['/swagger-ui-bundle.js', '/swagger-ui.css'];

export async function bindReference(app: FastifyInstance, { config }: Pick<World, 'config'>): Promise<void> {
  // Found at run time, from the source file's place, which the bundle keeps.
  const root = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  await app.register(fastifyStatic, {
    root,
    prefix: '/reference/',
    decorateReply: false,
    allowedPath: (path) => FILES.includes(path),
    index: false,
    setHeaders: (reply) => {
      reply.header('cache-control', 'no-cache');
    },
  });
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    `connect-src 'self' ${config.publicUrl}`, // "Try it out" asks the address that the document names
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join('; ');
  const fixed = [
    ['/reference', 'text/html; charset=utf-8', PAGE],
    ['/reference/start.js', 'text/javascript; charset=utf-8', SCRIPT],
    ['/reference/page.css', 'text/css; charset=utf-8', STYLE],
  ] as const;
  for (const [url, type, text] of fixed)
    app.get(url, async (_request, reply) =>
      reply.headers({ 'content-security-policy': policy, 'cache-control': 'no-cache' }).type(type).send(text),
    );
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>API reference · Bowline</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/reference/swagger-ui.css">
    <link rel="stylesheet" href="/reference/page.css">
  </head>
  <body>
    <header><a href="/">Bowline</a><a href="/openapi.json">openapi.json</a></header>
    <main id="reference"></main>
    <script src="/reference/swagger-ui-bundle.js"></script>
    <script src="/reference/start.js"></script>
  </body>
</html>
`;

/** The theme is the one chosen in the dashboard, else the system's. A key is kept nowhere: it is gone when the page is. */
const SCRIPT = `const system = matchMedia('(prefers-color-scheme: dark)');
const theme = () => {
  const chosen = localStorage.getItem('bowline-theme');
  document.documentElement.classList.toggle('dark-mode', chosen === 'dark' || (chosen !== 'light' && system.matches));
};
theme();
system.addEventListener('change', theme);
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelExpandDepth: 2,
  defaultModelsExpandDepth: 0,
  filter: true,
  validatorUrl: null,
  persistAuthorization: false,
});
`;

const STYLE = `body { margin: 0; background: #fafafa; }
header { display: flex; justify-content: space-between; padding: 12px 20px; font: 600 14px/20px system-ui, sans-serif; border-bottom: 1px solid #e4e4e7; }
header a { color: #18181b; text-decoration: none; }
header a:hover, header a:focus-visible { text-decoration: underline; }
.swagger-ui .opblock .opblock-summary-description { overflow-wrap: anywhere; }
.swagger-ui .opblock-body { overflow-x: auto; }
.swagger-ui .response-col_links { display: none; }
@media (max-width: 640px) {
  .swagger-ui .responses-table { table-layout: fixed; }
  .swagger-ui .responses-table .response-col_status, .swagger-ui .responses-table .col_header:first-child { width: 44px; }
}
html.dark-mode body { background: #1c2022; }
html.dark-mode header { border-color: #3f3f46; }
html.dark-mode header a { color: #f4f4f5; }
`;
