// Where attachments' bytes live: a folder, files named by their sha256, so that equal files are kept once.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Keeps bytes by key. put() returns when they are on disk. */
export interface AttachmentStore {
  put(content: Uint8Array): Promise<{ key: string; sha256: string; sizeBytes: number }>;
  get(key: string): Promise<Buffer>;
}

/** A store in a folder of the data folder. */
export function createFolderStore(folder: string): AttachmentStore {
  const pathOf = (key: string): string => {
    if (!/^[0-9a-f]{64}$/.test(key)) throw new Error('An attachment key is a sha256 in hex.');
    return join(folder, key.slice(0, 2), key);
  };
  return {
    async put(content) {
      const key = createHash('sha256').update(content).digest('hex');
      const path = pathOf(key);
      const known = await stat(path).then(
        () => true,
        () => false,
      );
      if (!known) {
        await mkdir(dirname(path), { recursive: true });
        const unfinished = `${path}.${randomBytes(4).toString('hex')}`;
        const file = await open(unfinished, 'w', 0o600);
        await file.writeFile(content);
        await file.sync();
        await file.close();
        await rename(unfinished, path);
      }
      return { key, sha256: key, sizeBytes: content.byteLength };
    },
    get: (key) => readFile(pathOf(key)),
  };
}
