// How the built workspace is served: compressed, kept by browsers for as long as it is right, and never in place of the API.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { OpenAPIHono } from '@hono/zod-openapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppEnv } from '#api/app-env.ts';
import { registerUi } from '#api/ui-pages.ts';

const SCRIPT = 'console.log("hello")';
const app = new OpenAPIHono<AppEnv>();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-ui-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<title>Holdfast</title>');
  await writeFile(join(folder, 'sw.js'), SCRIPT);
  await writeFile(join(folder, 'assets', 'a-1234.js'), SCRIPT);
  await writeFile(join(folder, 'assets', 'a-1234.js.gz'), gzipSync(SCRIPT));
  await writeFile(join(folder, 'assets', 'a-1234.js.br'), brotliCompressSync(SCRIPT));
  registerUi(app, folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ask = async (path: string, headers: Record<string, string> = {}) =>
  await app.request(path, { headers });

describe('the files of the workspace', () => {
  it.for([
    ['gzip, deflate, br', 'br'],
    ['gzip, br;q=0', 'gzip'],
    ['gzip', 'gzip'],
    ['gzip;q=0.0', null],
    ['', null],
  ])('come as small as the browser takes them: %s', async ([accepted, encoding]) => {
    const answer = await ask('/assets/a-1234.js', { 'accept-encoding': accepted ?? '' });
    expect(answer.headers.get('content-encoding')).toBe(encoding);
    expect(answer.headers.get('vary')).toBe('accept-encoding');
  });

  it('are kept for ever when a hash is in their name', async () => {
    const { headers } = await ask('/assets/a-1234.js');
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it('are looked at again each time otherwise, and not sent again while they are the same', async () => {
    const first = await ask('/sw.js');
    expect(first.headers.get('cache-control')).toBe('no-cache');
    const etag = first.headers.get('etag') ?? '';
    const again = await ask('/sw.js', { 'if-none-match': etag });
    expect([again.status, await again.text()]).toEqual([304, '']);
    await writeFile(join(folder, 'sw.js'), `${SCRIPT};`);
    expect((await ask('/sw.js', { 'if-none-match': etag })).status).toBe(200);
  });

  it('end at their folder, and a part that is gone is not the page', async () => {
    expect((await ask('/assets/..%2f..%2fetc/passwd.js')).status).toBe(404);
    expect((await ask('/assets/gone.js', { accept: 'text/html' })).status).toBe(404);
    expect((await ask('/views/allOpen', { accept: 'text/html' })).status).toBe(200);
  });
});
