// Both attachment stores keep the same promises; the one on S3 is tried against a real server (S3Proxy) that checks signatures.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AttachmentMissing, MAX_ATTACHMENT_BYTES, StoreAway } from '#channels/attachments.ts';
import type { AttachmentStore } from '#channels/attachments.ts';
import { openAttachmentStore, readStoreSettings } from '#channels/attachments-open.ts';
import { s3Jar, startS3 } from '#test/support/s3.ts';
import type { TestS3 } from '#test/support/s3.ts';

const jar = s3Jar();
const folder = mkdtempSync(join(tmpdir(), 'holdfast-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

function contract(open: () => AttachmentStore, files: () => Promise<number>): void {
  const contents = [
    Buffer.from('hello'),
    Buffer.alloc(0),
    Buffer.from([0, 255, 13, 10, 128]),
    Buffer.alloc(6_000_000, 'x'),
  ];
  it.each(contents)('gives back what it was given, whole and piece by piece', async (content) => {
    const store = open();
    const key = sha256(content);
    expect(await store.put(content)).toEqual({ key, sha256: key, sizeBytes: content.byteLength });
    expect((await store.get(key)).equals(content)).toBe(true);
    expect((await buffer(await store.stream(key))).equals(content)).toBe(true);
  });

  it('keeps equal files once, also when they come at once', async () => {
    const store = open();
    const before = await files();
    const content = Buffer.from(`the same ${Math.random()}`);
    const keys = await Promise.all(Array.from({ length: 16 }, () => store.put(content)));
    expect(new Set(keys.map(({ key }) => key)).size).toBe(1);
    expect(await files()).toBe(before + 1);
  });

  it('refuses keys that it never gave out, whatever path they spell', async () => {
    const store = open();
    for (const key of ['', '..', '../../etc/passwd', 'a'.repeat(63), 'A'.repeat(64)]) {
      await expect(store.get(key)).rejects.toThrow(/sha256/);
      await expect(store.stream(key)).rejects.toThrow(/sha256/);
    }
    await expect(store.get(`${'a'.repeat(64)}/../x`)).rejects.toThrow(/sha256/);
  });

  it('says which file is missing, before the first byte', async () => {
    const store = open();
    await expect(store.get('0'.repeat(64))).rejects.toThrow(AttachmentMissing);
    await expect(store.stream('0'.repeat(64))).rejects.toThrow(AttachmentMissing);
  });

  it('refuses what is too large', async () => {
    await expect(open().put(Buffer.alloc(MAX_ATTACHMENT_BYTES + 1))).rejects.toThrow(/at most/);
  });
}

describe('a folder of attachments', () => {
  const place = join(folder, 'files');
  let store: AttachmentStore;
  beforeAll(async () => {
    store = await openAttachmentStore(readStoreSettings({ HOLDFAST_ATTACHMENTS: '' }, place));
  });
  contract(
    () => store,
    async () =>
      existsSync(place)
        ? readdirSync(place, { recursive: true }).filter((name) =>
            /[0-9a-f]{64}$/.test(String(name)),
          ).length
        : 0,
  );

  it('writes a file again that a crash left cut short, and leaves no unfinished ones behind', async () => {
    const content = Buffer.from('a file that was cut');
    const key = sha256(content);
    mkdirSync(join(place, key.slice(0, 2)), { recursive: true });
    writeFileSync(join(place, key.slice(0, 2), key), 'a file');
    await store.put(content);
    expect(await store.get(key)).toEqual(content);
    // Beside it may stand files of other tests whose names begin alike.
    expect(
      readdirSync(join(place, key.slice(0, 2))).filter((name) => !/^[0-9a-f]{64}$/.test(name)),
    ).toEqual([]);
  });

  it('that cannot be written is away, not a fault of the mail', async () => {
    writeFileSync(join(folder, 'in-the-way'), '');
    const settings = readStoreSettings({}, join(folder, 'in-the-way'));
    const broken = await openAttachmentStore(settings);
    await expect(broken.put(Buffer.from('x'))).rejects.toThrow(StoreAway);
  });
});

describe.skipIf(jar === null)('a bucket of attachments', () => {
  let server: TestS3;
  let store: AttachmentStore;
  let client: S3Client;
  const kept = { ...process.env };
  const settings = (more: Record<string, string> = {}) =>
    readStoreSettings(
      {
        HOLDFAST_ATTACHMENTS: 's3://desk-files/some/prefix/',
        AWS_ENDPOINT_URL_S3: server.endpoint,
        AWS_REGION: '',
        ...more,
      },
      '/nowhere',
    );
  const count = async (Prefix: string): Promise<number> => {
    const page = await client.send(new ListObjectsV2Command({ Bucket: 'desk-files', Prefix }));
    return page.Contents?.length ?? 0;
  };

  beforeAll(async () => {
    server = await startS3(jar ?? '');
    // Where AWS' library looks for credentials is its own affair: the standard variables, as an operator sets them.
    process.env['AWS_ACCESS_KEY_ID'] = server.accessKeyId;
    process.env['AWS_SECRET_ACCESS_KEY'] = server.secretAccessKey;
    client = new S3Client({ endpoint: server.endpoint, forcePathStyle: true, region: 'us-east-1' });
    await client.send(new CreateBucketCommand({ Bucket: 'desk-files' }));
    store = await openAttachmentStore(settings());
  }, 60_000);
  afterAll(() => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
      if (kept[name] === undefined) delete process.env[name];
      else process.env[name] = kept[name];
    }
    server.stop();
  });

  contract(
    () => store,
    () => count('some/prefix/'),
  );

  it('keeps everything under its prefix', async () => {
    await store.put(Buffer.from('under the prefix'));
    expect(await count('')).toBe(await count('some/prefix/'));
  });

  it.each([
    ['s3://nobody-made-this-one', {}, /no such bucket/],
    ['s3://desk-files', { secret: 'wrong' }, /credentials are missing or wrong/],
    ['s3://desk-files', { id: 'nobody' }, /credentials/],
    ['s3://desk-files', { endpoint: 'http://127.0.0.1:1' }, /cannot be reached/],
    ['s3://UPPER', {}, /must be s3:\/\/bucket/],
    ['/some/folder', {}, /must be s3:\/\/bucket/],
    ['s3://desk-files/../x?y', {}, /must be s3:\/\/bucket/],
  ])('%s with %j is refused at start in one sentence', async (location, wrong, expected) => {
    const { id, secret, endpoint } = wrong as { id?: string; secret?: string; endpoint?: string };
    process.env['AWS_ACCESS_KEY_ID'] = id ?? server.accessKeyId;
    process.env['AWS_SECRET_ACCESS_KEY'] = secret ?? server.secretAccessKey;
    const opening = openAttachmentStore(
      settings({
        HOLDFAST_ATTACHMENTS: location,
        ...(endpoint === undefined ? {} : { AWS_ENDPOINT_URL_S3: endpoint }),
      }),
    );
    const error: Error = await opening.then(
      () => new Error('opened'),
      (caught: Error) => caught,
    );
    expect(error.message).toMatch(expected);
    expect(error.message).not.toContain('\n');
    process.env['AWS_ACCESS_KEY_ID'] = server.accessKeyId;
    process.env['AWS_SECRET_ACCESS_KEY'] = server.secretAccessKey;
  });

  it('whose server hangs up, or is gone, is away: the mail is to be sent again', async () => {
    const { key } = await store.put(Buffer.from('before'));
    const silent = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const opening = openAttachmentStore(
      settings({ AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` }),
    );
    await expect(opening).rejects.toThrow(/cannot be reached/);
    silent.close();
    expect((await store.get(key)).toString()).toBe('before');
    server.stop();
    await expect(store.put(Buffer.from('meanwhile'))).rejects.toThrow(StoreAway);
    await expect(store.get(key)).rejects.toThrow(StoreAway);
  });
});
