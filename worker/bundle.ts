// Bundles the workflow code ahead of time and keeps the bundle by the hash of its sources: a second start skips webpack.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { BundleOptions } from '@temporalio/worker';

type WebpackConfiguration = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0];

const SYNTAX = 'es2022';
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Path of the bundle of the present sources, made on first use. */
export async function workflowBundlePath(cacheDir: string): Promise<string> {
  const hash = await hashSources();
  const path = join(cacheDir, `workflows-${hash}.js`);
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (exists) return path;
  await mkdir(cacheDir, { recursive: true });
  const silent = (): void => undefined;
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(ROOT, 'workflows/index.ts'),
    webpackConfigHook: keepModernSyntax,
    logger: {
      log: silent,
      trace: silent,
      debug: silent,
      info: silent,
      warn: (message: string) => process.stderr.write(`${message}\n`),
      error: (message: string) => process.stderr.write(`${message}\n`),
    },
  });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, code);
  await rename(unfinished, path);
  return path;
}

/** The SDK has spreads and class fields rewritten for a Node of 2017; every ticket is made of spreads. */
function keepModernSyntax(config: WebpackConfiguration): WebpackConfiguration {
  for (const rule of config.module?.rules ?? []) {
    const { use } = (rule ?? {}) as { use?: { options?: { jsc?: { target: string } } } };
    if (use?.options?.jsc !== undefined) use.options.jsc.target = SYNTAX;
  }
  return config;
}

async function hashSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of ['domain', 'workflows', 'activities']) {
    const names = await readdir(join(ROOT, folder));
    for (const name of names.filter((one) => one.endsWith('.ts')).toSorted()) {
      hash.update(name).update(await readFile(join(ROOT, folder, name)));
    }
  }
  hash.update(await readFile(join(ROOT, 'package-lock.json'))).update(SYNTAX);
  return hash.digest('hex').slice(0, 16);
}
