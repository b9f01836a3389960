// The end of an editor: why, whom it reaches, what stands in the way, and what became of somebody else's save meanwhile.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client.ts';
import { useWordsFor } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/field.tsx';
import { ChangeList } from './change-list.tsx';
import { useChangeWords } from './changes.ts';
import { useVersions } from './queries.ts';

export interface SavePanelProps {
  reason: string;
  onReason: (reason: string) => void;
  /** Faults found before asking the desk. */
  faults: string[];
  error: unknown;
  busy: boolean;
  changed: boolean;
  onSave: () => void;
  onDrop: () => void;
  children?: ReactNode;
}

export function SavePanel(props: SavePanelProps) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const { faults, error, busy, changed } = props;
  const refused = error !== null && !isConflict(error) ? [words(error), ...restOf(error)] : [];
  const wrong = changed ? [...faults, ...refused] : refused;
  return (
    <section
      aria-label={t('slaAdmin.save')}
      className="flex flex-col gap-4 rounded-lg border border-line bg-raised p-4"
    >
      {props.children}
      <TextField
        label={t('slaAdmin.reason')}
        hint={t('slaAdmin.reasonHint')}
        maxLength={500}
        value={props.reason}
        onChange={({ target }) => props.onReason(target.value)}
      />
      {wrong.length === 0 ? null : (
        <div role="alert" className="text-danger">
          {wrong.map((one) => (
            <p key={one}>{one}</p>
          ))}
        </div>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button
          kind="primary"
          busy={busy}
          disabled={!changed || faults.length > 0}
          onClick={props.onSave}
        >
          {t('slaAdmin.save')}
        </Button>
        {changed ? (
          <>
            <Button kind="ghost" onClick={props.onDrop}>
              {t('slaAdmin.dropDraft')}
            </Button>
            <span className="text-[13px] text-soft">{t('slaAdmin.unsaved')}</span>
          </>
        ) : null}
      </div>
    </section>
  );
}

export const isConflict = (error: unknown): boolean =>
  error instanceof ApiError && (error.code === 'versionConflict' || error.status === 409);

const restOf = (error: unknown): string[] =>
  error instanceof ApiError
    ? error.errors.slice(1).map(({ pointer, message }) => `${pointer.slice(1)}: ${message}`)
    : [];

/** Somebody saved meanwhile: who, why, and what; both ways on keep what was typed until it is chosen against. */
export function Conflict({
  path,
  id,
  base,
  onMine,
  onTheirs,
}: {
  path: string;
  id: string;
  base: number;
  onMine: (present: number) => void;
  onTheirs: () => void;
}) {
  const { t } = useTranslation();
  const words = useChangeWords();
  const versions = useVersions(path, id);
  const newer = (versions.data?.pages.flatMap((page) => page.items) ?? []).filter(
    (one) => one.version > base,
  );
  const [newest] = newer;
  if (newest === undefined) return null;
  return (
    <div
      role="alert"
      className="flex flex-col gap-2 rounded-lg border border-line bg-warn-tint p-4 text-warn"
    >
      <p className="font-medium">
        {t('slaAdmin.conflict', {
          who: newest.savedBy?.name ?? t('slaAdmin.conflictSomebody'),
          version: newest.version,
        })}
      </p>
      <div className="rounded bg-raised p-3 text-ink">
        {newer.map((one) => (
          <div key={one.version} className="mb-2 last:mb-0">
            <p className="font-medium">
              {t('slaAdmin.version', { version: one.version })}
              {one.reason === null ? '' : `: ${one.reason}`}
            </p>
            <ChangeList lines={words(one.changes)} />
          </div>
        ))}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => onMine(newest.version)}>{t('slaAdmin.saveMine')}</Button>
        <Button onClick={onTheirs}>{t('slaAdmin.takeTheirs')}</Button>
      </div>
    </div>
  );
}
