// What differs between two states of a thing an admin changes, field by field: for the audit log and for versions.
import { z } from '@hono/zod-openapi';

/** One field that differs; null where it was or is absent. */
export const FieldChange = z
  .strictObject({ field: z.string(), before: z.unknown(), after: z.unknown() })
  .openapi('FieldChange');

/** The fields that differ. */
export function changesBetween(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): z.infer<typeof FieldChange>[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => ({ field, before: before[field] ?? null, after: after[field] ?? null }));
}
