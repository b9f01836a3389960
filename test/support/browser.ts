// A real Chromium for tests, found by itself: CHROMIUM_PATH, the one that npm brings, one that is installed, or Debian's.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const INSTALLED = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];

/**
 * Launches the browser that most tests look at pages with: the shell that npm brings, which opens a page in half the time of a whole one.
 * It shows no notices and installs nothing. Rejects with all the ways that were tried.
 */
export const launchBrowser = (): Promise<Browser> =>
  launchFirst([fromEnvironment, fromNpm, installed, fromDebian]);

/** Launches a whole browser, as people have it, where there is one; else what there is. */
export const launchWholeBrowser = (): Promise<Browser> =>
  launchFirst([fromEnvironment, installed, fromNpm, fromDebian]);

type Way = () => string | null | Promise<string | null>;

async function launchFirst(ways: readonly Way[]): Promise<Browser> {
  const tried: string[] = [];
  for (const way of ways) {
    const found = await way();
    if (found === null) continue;
    try {
      return await chromium.launch({ executablePath: found, args: ARGS });
    } catch (error) {
      tried.push(`${found}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`);
    }
  }
  throw new Error(
    `No Chromium could be started. Install one, or set CHROMIUM_PATH.\n${tried.join('\n')}`,
  );
}

/**
 * Has a whole browser installed where the machine has none and can: what some tests are about (notices, installing) the shell that npm
 * brings cannot do. Once, before files run beside each other. Where none can be had, npm's is taken, and those tests say what they miss.
 */
export function prepareBrowser(say: (line: string) => void): void {
  if (fromEnvironment() !== null || installed() !== null) return;
  say('Installing a browser for the tests (once) …');
  if (fromDebian() === null) say('None can be installed here: the one that npm brings is used.');
}

function fromEnvironment(): string | null {
  return process.env['CHROMIUM_PATH'] || null;
}

function installed(): string | null {
  for (const name of INSTALLED) {
    const path = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
    if (path !== '' && existsSync(path)) return path;
  }
  return null;
}

async function fromNpm(): Promise<string | null> {
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    return await packed.executablePath();
  } catch {
    return null;
  }
}

function fromDebian(): string | null {
  const run = (args: string[]): boolean =>
    spawnSync('apt-get', args, { stdio: 'ignore' }).status === 0;
  if (
    !run(['install', '-y', 'chromium']) &&
    !(run(['update']) && run(['install', '-y', 'chromium']))
  )
    return null;
  return installed();
}
