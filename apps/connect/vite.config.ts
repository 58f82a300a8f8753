/** Builds the Connect UI into `dist`, which the server serves below `/connect/`. In development, requests go on to the server of `BOWLINE_URL`. */
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const target = process.env.BOWLINE_URL ?? 'http://localhost:3003';

export default defineConfig(({ command }) => ({
  // Relative, so that it works below whatever path a proxy puts it.
  base: command === 'build' ? './' : '/connect/',
  plugins: [react(), tailwindcss()],
  // No file becomes a `data:` address: the content policy forbids them for scripts and fonts.
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    proxy: {
      '^/(api-auth|auth|connect/sessions?|integrations|oauth2?|providers|images)(/|\\?|$)': { target, changeOrigin: true, ws: true },
    },
  },
}));
