// The workspace, as built into ui/dist: its files for as long as they live, and its one page at every address a person can open.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';
import type { Context } from 'hono';
import type { App, AppEnv } from './app-env.ts';

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
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
  const content = await smallest(file, c.req.header('accept-encoding') ?? '');
  if (content === undefined) return undefined;
  // Files under assets/ carry a hash of what is in them; all others are looked at again each time.
  const lasting = path.startsWith('/assets/');
  const etag = lasting ? null : tagOf(content.bytes);
  const headers = {
    ...{ 'content-type': type, vary: 'accept-encoding' },
    'cache-control': lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(etag === null ? {} : { etag }),
    ...(content.encoding === null ? {} : { 'content-encoding': content.encoding }),
  };
  if (etag !== null && c.req.header('if-none-match') === etag)
    return new Response(null, { status: 304, headers: { etag } });
  return new Response(new Uint8Array(content.bytes), { headers });
}

const tagOf = (bytes: Buffer): string =>
  `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;

/** The path as the file is called; what cannot be read as one is no file's. */
function nameOf(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return '';
  }
}

interface Content {
  bytes: Buffer;
  encoding: string | null;
}

/** Compressed as well as the caller takes it. */
async function smallest(file: string, accepted: string): Promise<Content | undefined> {
  for (const [encoding, ending] of [
    ['br', '.br'],
    ['gzip', '.gz'],
  ] as const) {
    // A weight of nought refuses it.
    if (!new RegExp(`\\b${encoding}\\b(?!\\s*;\\s*q=0(\\.0*)?(,|$))`).test(accepted)) continue;
    const bytes = await contentOf(file + ending);
    if (bytes !== undefined) return { bytes, encoding };
  }
  const bytes = await contentOf(file);
  return bytes === undefined ? undefined : { bytes, encoding: null };
}

async function contentOf(file: string): Promise<Buffer | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() === true ? await readFile(file) : undefined;
}

/** The page itself, for people: a program that asks for JSON gets the 404 it expects. */
async function pageFor(c: Context<AppEnv>, folder: string): Promise<Response | undefined> {
  const last = c.req.path.slice(c.req.path.lastIndexOf('/') + 1);
  if (last.includes('.') || !(c.req.header('accept') ?? '').includes('text/html')) return undefined;
  return await fileAt(c, folder, '/index.html');
}
