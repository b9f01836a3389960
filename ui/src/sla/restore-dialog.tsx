// Bringing an old version back: whom it reaches and why, then it is the newest one.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { useWordsFor } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { useRestore } from './queries.ts';
import { ReachChoice } from './reach-choice.tsx';
import type { Reach, SavedVersion, VersionedThing } from './types.ts';

export function RestoreDialog({
  thing,
  saved,
  reach,
  onClose,
}: {
  thing: VersionedThing;
  saved: SavedVersion | null;
  /** Whom the version in force reached: taking it back concerns the same. Null for calendars. */
  reach: Reach | null;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Dialog
      open={saved !== null}
      onClose={onClose}
      title={t('slaAdmin.restoreTitle', { version: saved?.version })}
      hint={t('slaAdmin.restoreHint')}
    >
      {saved === null ? null : (
        <Form thing={thing} saved={saved} before={reach} onClose={onClose} />
      )}
    </Dialog>
  );
}

function Form({
  thing,
  saved,
  before,
  onClose,
}: {
  thing: VersionedThing;
  saved: SavedVersion;
  before: Reach | null;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const restore = useRestore<{ version: number }>(thing.path, thing.id);
  const [reason, setReason] = useState('');
  const [reach, setReach] = useState(before);
  const submit = (): void =>
    restore.mutate(
      {
        version: saved.version,
        reason: reason.trim() || t('slaAdmin.restoreReason', { version: saved.version }),
        ...{ reach, present: thing.present },
      },
      {
        onSuccess: ({ version }) => {
          toast.success(t('slaAdmin.restored', { old: saved.version, version }));
          onClose();
        },
      },
    );
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {reach === null ? null : <ReachChoice reach={reach} onChange={setReach} />}
      <TextField
        label={t('slaAdmin.reason')}
        hint={t('slaAdmin.reasonHint')}
        maxLength={500}
        value={reason}
        onChange={({ target }) => setReason(target.value)}
      />
      {restore.isError ? (
        <p role="alert" className="text-danger">
          {words(restore.error)}
        </p>
      ) : null}
      <Button type="submit" kind="primary" busy={restore.isPending}>
        {t('slaAdmin.restore')}
      </Button>
    </form>
  );
}
