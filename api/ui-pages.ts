// The workspace, as built into ui/dist: its files for as long as they live, and its one page at every address a person can open.
import { readFile, stat } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';
import type { Context } from 'hono';
import type { App, AppEnv } from './app-env.ts';

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  webmanifest: 'application/manifest+json',
  woff2: 'font/woff2',
};
/** Addresses that are never a page of the workspace. */
const NOT_PAGES = /^\/(api|healthz|readyz)(\/|$)/;

/** Serves the workspace from a folder. Without one, whoever opens the printed address is sent to the API's own page. */
export function registerUi(app: App, folder: string | null): void {
  if (folder === null) {
    app.get('/', (c) => c.redirect('/api/docs'));
    return;
  }
  app.use(async (c, next) => {
    const reads = c.req.method === 'GET' || c.req.method === 'HEAD';
    if (!reads || NOT_PAGES.test(c.req.path)) return await next();
    return (await fileAt(c, folder, c.req.path)) ?? (await pageFor(c, folder)) ?? (await next());
  });
}

/** A built file, compressed when the caller takes that; undefined when there is none. */
async function fileAt(
  c: Context<AppEnv>,
  folder: string,
  path: string,
): Promise<Response | undefined> {
  const file = normalize(join(folder, nameOf(path)));
  const type = TYPES[file.slice(file.lastIndexOf('.') + 1)];
  if (type === undefined || !file.startsWith(folder + sep)) return undefined;
  const zipped = (c.req.header('accept-encoding') ?? '').includes('gzip');
  const content = (zipped ? await contentOf(`${file}.gz`) : undefined) ?? (await contentOf(file));
  if (content === undefined) return undefined;
  return new Response(new Uint8Array(content.bytes), {
    headers: {
      'content-type': type,
      vary: 'accept-encoding',
      ...(content.zipped ? { 'content-encoding': 'gzip' } : {}),
      // Files under assets/ carry a hash of what is in them; all others are looked at again each time.
      'cache-control': path.startsWith('/assets/')
        ? 'public, max-age=31536000, immutable'
        : 'no-cache',
    },
  });
}

/** The path as the file is called; what cannot be read as one is no file's. */
function nameOf(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return '';
  }
}

async function contentOf(file: string): Promise<{ bytes: Buffer; zipped: boolean } | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  return { bytes: await readFile(file), zipped: file.endsWith('.gz') };
}

/** The page itself, for people: a program that asks for JSON gets the 404 it expects. */
async function pageFor(c: Context<AppEnv>, folder: string): Promise<Response | undefined> {
  const last = c.req.path.slice(c.req.path.lastIndexOf('/') + 1);
  if (last.includes('.') || !(c.req.header('accept') ?? '').includes('text/html')) return undefined;
  return await fileAt(c, folder, '/index.html');
}
