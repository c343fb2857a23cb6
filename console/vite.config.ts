import { gzipSync } from 'node:zlib';

import { defineConfig, type Plugin } from 'vite';

/** Where a running API is, for `npx vite console`. */
const API = 'http://127.0.0.1:6386';

/** Most bytes of compressed script that the first page loads. */
const MOST_SCRIPT = 150_000;

/** Builds the console into the folder that `netprov api` serves. Nothing in it needs an inline script or style. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [smallFirstPage()],
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/v1': API, '/console/session': API, '/openapi.json': API } },
});

/** Fails the build if the first page loads too much script: its entry, and what that imports at once. */
function smallFirstPage(): Plugin {
  return {
    name: 'small-first-page',
    apply: 'build',
    generateBundle(_options, bundle) {
      const first = new Set<string>();
      const add = (file: string): void => {
        const chunk = bundle[file];
        if (chunk?.type !== 'chunk' || first.has(file)) return;
        first.add(file);
        chunk.imports.forEach(add);
      };
      for (const chunk of Object.values(bundle)) if (chunk.type === 'chunk' && chunk.isEntry) add(chunk.fileName);
      let bytes = 0;
      for (const file of first) {
        const chunk = bundle[file];
        if (chunk?.type === 'chunk') bytes += gzipSync(chunk.code).length;
      }
      this.info(`the first page loads ${bytes} bytes of compressed script`);
      if (bytes > MOST_SCRIPT) {
        this.error(`the first page loads ${bytes} bytes of compressed script; at most ${MOST_SCRIPT} are allowed`);
      }
    },
  };
}
