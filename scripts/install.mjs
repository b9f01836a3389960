// Installs the packages when they are missing or the lock file has changed since. Plain JavaScript: runs before anything is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const STAMP = 'node_modules/.holdfast-lock';

/** Makes sure of Node's version and of node_modules; ends the process with one sentence otherwise. */
export function ensureInstalled() {
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 20)) {
    console.error(`Holdfast needs Node 20.20 or newer; this is ${process.versions.node}.`);
    process.exit(1);
  }
  const lock = () => createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
  const installed = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lock();
  if (installed) return;
  console.log('Installing packages (once; about a minute) …');
  // Not `npm ci`: a lock file made where the registry hides other platforms' binaries lacks those, and ci refuses it.
  const run = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    encoding: 'utf8',
  });
  if (run.status !== 0) {
    console.error(
      `${run.stdout ?? ''}${run.stderr ?? ''}\nThe packages could not be installed (npm install).`,
    );
    process.exit(1);
  }
  writeFileSync(STAMP, lock());
}
