// Which saved views a caller may see and change. One that they may not see is not there.
import { findView } from '#db/views.ts';
import type { ViewRow } from '#db/views.ts';
import type { Sql } from '#db/sql.ts';
import { HoldfastError } from '#domain/errors.ts';
import { mayEditView } from '#domain/view.ts';
import type { ViewReader } from '#domain/view.ts';
import type { Access } from '#domain/permissions.ts';

/** The caller as views know them. */
export const readerOf = ({ userId, role, scope }: Access): ViewReader => ({
  userId,
  admin: role === 'admin' && scope === 'admin',
});

/** A saved view the caller sees, or the 404 that every other one gets. */
export async function requireView(sql: Sql, access: Access, id: string): Promise<ViewRow> {
  const { userId, admin } = readerOf(access);
  const row = await findView(sql, id, { userId, all: admin });
  if (row === undefined) throw new HoldfastError('notFound', 'There is no such view.');
  return row;
}

/** A saved view the caller may change. */
export async function requireEditableView(sql: Sql, access: Access, id: string): Promise<ViewRow> {
  const row = await requireView(sql, access, id);
  if (mayEditView(row, readerOf(access))) return row;
  throw new HoldfastError('forbidden', 'Only the owner of a view, or an admin, may change it.');
}
