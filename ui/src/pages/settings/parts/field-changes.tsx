// Fields of a change as the audit log keeps them: what was struck through, what came after it.
import { useTranslation } from 'react-i18next';

/** One line of the audit log. */
export interface AuditChange {
  id: number;
  at: string;
  actor: {
    type: string;
    userId: string | null;
    name: string | null;
    requestId: string | null;
    address: string | null;
  };
  subjectKind: string;
  subjectId: string;
  action: 'created' | 'changed' | 'removed';
  changes: { field: string; before?: unknown; after?: unknown }[];
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

export function FieldChanges({ changes }: Pick<AuditChange, 'changes'>) {
  const { t } = useTranslation();
  return (
    <dl className="flex flex-col gap-1.5 text-[13px]">
      {changes.map(({ field, before = null, after = null }) => (
        <div key={field} className="grid gap-x-3 sm:grid-cols-[9rem_1fr]">
          <dt className="text-soft">{field}</dt>
          <dd className="flex min-w-0 flex-wrap gap-x-2 break-words">
            {before === null ? null : (
              <del aria-label={t('admin.audit.before')} className="min-w-0 break-all text-soft">
                {textOf(before)}
              </del>
            )}
            {after === null ? (
              before === null ? null : (
                <span className="text-soft">→ {t('admin.audit.nothingBefore')}</span>
              )
            ) : (
              <ins
                aria-label={t('admin.audit.after')}
                className="min-w-0 font-medium break-all no-underline"
              >
                {textOf(after)}
              </ins>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
