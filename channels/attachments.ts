// Where attachments' bytes live: what every store promises. Bytes are stored before the row that names them is committed, so a row
// never points at nothing. attachments-open.ts opens the store that the operator has named.
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

/** A file in the store. */
export interface StoredBytes {
  /** The sha256 of the content in hex: equal files are kept once, and no name of a stranger becomes a path. */
  key: string;
  sha256: string;
  sizeBytes: number;
}

/** Keeps bytes by the hash of their content. Refuses more than MAX_ATTACHMENT_BYTES and keys it never gave out. */
export interface AttachmentStore {
  /** Returns when the bytes are safe; repeating it changes nothing. Throws StoreAway when the store does not answer. */
  put(content: Uint8Array): Promise<StoredBytes>;
  /** The whole content. Throws AttachmentMissing or StoreAway. */
  get(key: string): Promise<Buffer>;
  /** The content piece by piece, opened when this returns. Throws AttachmentMissing or StoreAway. */
  stream(key: string): Promise<Readable>;
}

/** No file is larger; mails and uploads have smaller limits of their own. */
export const MAX_ATTACHMENT_BYTES = 100 * 1024 * 1024;

/** The store does not answer or has no room: whoever sent the bytes must try again. */
export class StoreAway extends Error {
  override readonly name = 'StoreAway';
  /** Of the family of a lost database connection, so that a mail is not set aside as unreadable for it. */
  readonly code = 'CONNECTION_TO_STORE';
}

/** The store answers and has no such file. */
export class AttachmentMissing extends Error {
  override readonly name = 'AttachmentMissing';
}

/** Key, hash and size of a content; throws when it is too large. */
export function describeContent(content: Uint8Array): StoredBytes {
  if (content.byteLength > MAX_ATTACHMENT_BYTES) {
    throw new Error(`An attachment may have ${MAX_ATTACHMENT_BYTES} bytes at most.`);
  }
  const key = createHash('sha256').update(content).digest('hex');
  return { key, sha256: key, sizeBytes: content.byteLength };
}

/** Throws for everything that describeContent cannot have made. */
export function requireKey(key: string): void {
  if (!/^[0-9a-f]{64}$/.test(key)) throw new Error('An attachment key is a sha256 in hex.');
}
