/** Builds the dashboard into `dist`, which the server serves at `/`. In development, requests go on to the server of `BOWLINE_URL`. */
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env.BOWLINE_URL ?? 'http://localhost:3003';
const proxied =
  '^/(api|api-auth|auth|connect|connections?|environment|images|integrations|logs|oauth2?|providers|records|sync|config)(/|\\?|$)';

export default defineConfig({
  base: '/',
  plugins: [react(), tailwindcss()],
  // No file becomes a `data:` address: a strict content policy forbids them.
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // One chunk, so that its modules run in the order of their imports: zod, then src/without-eval.ts, then the schemas.
            { name: 'contract', test: /packages\/api\/src|node_modules\/zod\/|src\/without-eval/ },
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
          ],
        },
      },
    },
  },
  server: { proxy: { [proxied]: { target: server, changeOrigin: true } } },
});
