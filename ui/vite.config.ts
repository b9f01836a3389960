// Builds the workspace into ui/dist, which the API serves. The service worker keeps the shell alone: what a desk holds comes from the desk.
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

/** What is known of a module. */
interface Graph {
  getModuleInfo(id: string): { importedIds: readonly string[] } | null;
}
const ENTRY = `${import.meta.dirname}/index.html`;
/** What the service worker takes in beside what is made for it: under one name, since its address stands in the worker. */
const NOTICE_WORKER = 'notice-worker';
const reached = new Set<string>();

/** The chunk of a module that the page reaches without a lazy import; null leaves it to the builder. */
function firstLoad(id: string, graph: Graph): string | null {
  if (reached.size === 0) reach(ENTRY, graph);
  if (!reached.has(id)) return null;
  // Apart, since libraries change seldom: an update of the desk is then half as much to load.
  return id.includes('node_modules') ? 'libraries' : 'workspace';
}

function reach(id: string, graph: Graph): void {
  if (reached.has(id)) return;
  reached.add(id);
  for (const next of graph.getModuleInfo(id)?.importedIds ?? []) reach(next, graph);
}

export default defineConfig({
  root: import.meta.dirname,
  build: {
    ...{ outDir: 'dist', emptyOutDir: true, target: 'es2023', chunkSizeWarningLimit: 1_000 },
    rolldownOptions: {
      input: {
        index: ENTRY,
        [NOTICE_WORKER]: `${import.meta.dirname}/src/notices/${NOTICE_WORKER}.ts`,
      },
      output: {
        entryFileNames: ({ name }) =>
          name === NOTICE_WORKER ? `${name}.js` : 'assets/[name]-[hash].js',
        codeSplitting: {
          // What the first page needs comes in a few files: forty small ones take forty requests, and compress worse.
          groups: [{ debugName: 'first load', name: firstLoad }],
        },
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:3000' } },
  plugins: [
    react(),
    tailwindcss(),
    VitePWA({
      registerType: 'autoUpdate',
      injectRegister: false,
      manifest: {
        ...{
          name: 'Holdfast',
          short_name: 'Holdfast',
          id: '/',
          start_url: '/',
          display: 'standalone',
        },
        ...{ background_color: '#ffffff', theme_color: '#0f766e' },
        description: 'A help desk in which every ticket is a durable workflow.',
        icons: [
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          {
            ...{ src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png' },
            purpose: 'maskable',
          },
        ],
      },
      workbox: {
        globPatterns: ['**/*.{js,css,html,svg}'],
        importScripts: [`/${NOTICE_WORKER}.js`],
        // The browser keeps it with the worker itself.
        globIgnores: [`${NOTICE_WORKER}.js`],
        navigateFallback: '/index.html',
        navigateFallbackDenylist: [/^\/api\//, /^\/healthz/, /^\/readyz/],
      },
    }),
  ],
});
