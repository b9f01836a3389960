// Builds the workspace into ui/dist when its sources have changed since: `npm start`, the tests and the image call this.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'ui', 'dist');
const stamp = join(dist, '.sources');
const SOURCES = [
  'scripts/build-ui.ts',
  'ui/src',
  'ui/public',
  'ui/index.html',
  'ui/vite.config.ts',
  'domain',
  'package-lock.json',
];

/** Builds if need be; answers the folder. Rejects with the builder's own words. */
export async function buildUi(say: (line: string) => void): Promise<string> {
  const now = await hashOf(SOURCES);
  const built = await readFile(stamp, 'utf8').catch(() => '');
  if (built === now) return dist;
  say('Building the workspace …');
  await runVite();
  await compress(dist);
  await writeFile(stamp, now);
  return dist;
}

async function hashOf(paths: string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of await filesIn(join(root, path))) {
      hash.update(file.slice(root.length)).update(await readFile(file));
    }
  }
  return hash.digest('hex');
}

async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => null);
  if (entries === null) return [path];
  return entries
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .toSorted();
}

async function runVite(): Promise<void> {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const child = spawn(process.execPath, [vite, 'build', join(root, 'ui')], {
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (said += text.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`The workspace could not be built:\n${said.slice(-4_000)}`);
}

/** Beside each text file its compressed twins, so that the API has none to make. */
async function compress(folder: string): Promise<void> {
  const small = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  for (const file of await filesIn(folder)) {
    if (!/\.(js|css|html|svg|webmanifest)$/.test(file)) continue;
    const content = await readFile(file);
    await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
    await writeFile(`${file}.br`, await promisify(brotliCompress)(content, { params: small }));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildUi((line) => console.log(line));
}
