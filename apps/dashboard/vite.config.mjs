import { join } from 'node:path';
import { defineConfig } from 'vite';

/** Where `npm run dev:dashboard` finds the service that the page is a page of. */
const SERVICE = process.env.SERVICE_URL ?? 'http://127.0.0.1:3000';

export default defineConfig({
  root: import.meta.dirname,
  // By addresses from the page, so that it works below any path of a proxy.
  base: './',
  // Beside the cache of all other builds.
  cacheDir: join(import.meta.dirname, '../../.cache/vite'),
  esbuild: { jsx: 'automatic', legalComments: 'none' },
  build: {
    outDir: join(import.meta.dirname, '../../dist/dashboard'),
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the page lets no file stand in the page itself, and every browser of the target preloads.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Packages mark what a server of React may not run; there is none.
    rollupOptions: {
      onwarn: (warning, warn) => warning.code !== 'MODULE_LEVEL_DIRECTIVE' && warn(warning),
    },
  },
  server: { port: 5173, strictPort: true, proxy: { '^/(v1|health|metrics|docs)': SERVICE } },
});
