// Attachments as rows; the bytes are in the store.
import type { Viewer } from '#domain/permissions.ts';
import { visibleWith } from './access.ts';
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

/**
 * Where a file's bytes are; undefined when there is none that the viewer sees: with its message's ticket, and what no message has yet, or
 * a draft only, its uploader alone.
 */
export async function findAttachment(
  sql: Sql,
  viewer: Viewer,
  id: string,
): Promise<{ name: string; contentType: string; storeKey: string } | undefined> {
  const [row] = await sql<{ name: string; contentType: string; storeKey: string }[]>`
    select a.name, a.content_type as "contentType", a.store_key as "storeKey"
    from attachments a left join messages m on m.id = a.message_id and m.state <> 'draft'
    where a.id = ${id} and case when m.id is null then a.uploaded_by = ${viewer.userId}
      else true ${visibleWith(sql, viewer, sql`m.ticket_id`)} end`;
  return row;
}
