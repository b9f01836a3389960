// A real S3 server for tests: S3Proxy, fetched once by Maven, with buckets in memory and signatures that are checked.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, isPortFree } from '#scripts/processes.ts';
import { cacheFolder } from '#scripts/temporal-cli.ts';
import { eventually } from './poll.ts';

const NAME = 's3proxy-2.6.0-jar-with-dependencies.jar';

/** A running server and the credentials it takes. */
export interface TestS3 {
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  stop(): void;
}

/** The server's jar, or null where there is no Java or Maven. */
export function s3Jar(): string | null {
  const jar = join(cacheFolder(), NAME);
  try {
    execFileSync('java', ['-version'], { stdio: 'ignore' });
    if (existsSync(jar)) return jar;
    mkdirSync(cacheFolder(), { recursive: true });
    const artifact = '-Dartifact=org.gaul:s3proxy:2.6.0:jar:jar-with-dependencies';
    const goal = ['-q', '-B', 'dependency:copy', artifact, `-DoutputDirectory=${cacheFolder()}`];
    execFileSync('mvn', goal, { timeout: 180_000, stdio: 'ignore' });
    return jar;
  } catch {
    console.log('SKIPPED: the S3 tests need java and mvn for S3Proxy.');
    return null;
  }
}

/** Starts the server on a port of its own. */
export async function startS3(jar: string): Promise<TestS3> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-s3-'));
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: 'test-identity', secretAccessKey: 'test-credential' };
  const settings = [
    's3proxy.authorization=aws-v2-or-v4',
    `s3proxy.endpoint=${endpoint}`,
    `s3proxy.identity=${credentials.accessKeyId}`,
    `s3proxy.credential=${credentials.secretAccessKey}`,
    'jclouds.provider=transient',
    'jclouds.identity=none',
    'jclouds.credential=none',
  ];
  writeFileSync(join(folder, 's3.properties'), settings.join('\n'));
  const server = spawn('java', ['-jar', jar, '--properties', join(folder, 's3.properties')], {
    stdio: 'ignore',
  });
  await eventually(async () => {
    if (await isPortFree(port)) throw new Error('the S3 server does not listen yet');
  }, 30_000);
  return {
    endpoint,
    ...credentials,
    stop() {
      server.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
