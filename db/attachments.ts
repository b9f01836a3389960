// Attachments as rows; the bytes are in the store.
import type { Sql } from './sql.ts';

/** Adds an uploaded file that no message has yet. */
export async function insertUpload(
  sql: Sql,
  file: {
    name: string;
    contentType: string;
    sizeBytes: number;
    sha256: string;
    storeKey: string;
    uploadedBy: string;
  },
): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into attachments (name, content_type, size_bytes, sha256, store_key, uploaded_by)
    values (${file.name}, ${file.contentType}, ${file.sizeBytes}, ${file.sha256}, ${file.storeKey}, ${file.uploadedBy})
    returning id`;
  if (row === undefined) throw new Error('An attachment could not be stored.');
  return row.id;
}

/** Where a file's bytes are, or undefined. */
export async function findAttachment(
  sql: Sql,
  id: string,
): Promise<{ name: string; contentType: string; storeKey: string } | undefined> {
  const [row] = await sql<{ name: string; contentType: string; storeKey: string }[]>`
    select name, content_type as "contentType", store_key as "storeKey" from attachments where id = ${id}`;
  return row;
}
