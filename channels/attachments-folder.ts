// Attachments in a folder: files named by their sha256. A file appears whole or not at all.
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AttachmentMissing, describeContent, requireKey, StoreAway } from './attachments.ts';
import type { AttachmentStore } from './attachments.ts';

/** A store in a folder, which is made when the first file comes. */
export function createFolderStore(folder: string): AttachmentStore {
  const pathOf = (key: string): string => {
    requireKey(key);
    return join(folder, key.slice(0, 2), key);
  };
  return {
    async put(content) {
      const described = describeContent(content);
      const path = pathOf(described.key);
      const known = await stat(path).then(
        ({ size }) => size === described.sizeBytes,
        () => false,
      );
      if (!known) await writeWhole(path, content).catch(giveUp);
      return described;
    },
    async get(key) {
      return await readFile(pathOf(key)).catch(giveUp);
    },
    async stream(key) {
      const file = await open(pathOf(key), 'r').catch(giveUp);
      return file.createReadStream();
    },
  };
}

async function writeWhole(path: string, content: Uint8Array): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const unfinished = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  // The name is only safe from a power cut when the folder has been written too.
  const entry = await open(folder, 'r');
  try {
    await entry.sync();
  } finally {
    await entry.close();
  }
}

function giveUp(error: unknown): never {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ENOENT') throw new AttachmentMissing('The attachment’s file is not there.');
  if (typeof code !== 'string') throw error;
  throw new StoreAway(`The folder of attachments does not work: ${String(error)}`, {
    cause: error,
  });
}
