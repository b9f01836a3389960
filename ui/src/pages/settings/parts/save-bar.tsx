// The end of an editor: what is wrong, what somebody else saved meanwhile, save and drop. It stays in sight.
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../../api/client.ts';
import { useWordsFor } from '../../../components/bits.tsx';
import { Button } from '../../../components/button.tsx';
import { AskBeforeLeaving } from '../../../sla/ask-before-leaving.tsx';
import { useMayChange } from '../../../sla/frame.tsx';
import { Meanwhile } from './meanwhile.tsx';
import type { Editor } from './use-editor.ts';

const isConflict = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 'versionConflict';

/** What saving each kind needs. */
const NEEDS = {
  team: 'settings.people',
  user: 'settings.people',
  role: 'settings.roles',
  channel: 'settings.channels',
  pipeline: 'settings.desk',
  cannedReply: 'ticket.reply',
} as const;

/** The bar of an editor. */
export function SaveBar<Content extends { name: string }>({
  editor,
  kind,
  faults,
}: {
  editor: Editor<Content>;
  /** What the audit log calls it. */
  kind: keyof typeof NEEDS;
  faults: string[];
}) {
  const { draft, changed, error, id } = editor;
  if (useMayChange(NEEDS[kind]) !== true) return null;
  return (
    <>
      <AskBeforeLeaving isUnsaved={editor.isUnsaved} onDrop={editor.drop} />
      {id !== null && isConflict(error) ? (
        <Meanwhile
          {...{ kind, id, path: editor.path }}
          onTheirs={editor.drop}
          onMine={(present) => {
            editor.rebase(present);
            editor.send(present);
          }}
        />
      ) : null}
      <Bar
        {...{ faults, error, busy: editor.busy, changed: changed || id === null }}
        onSave={() => editor.send(draft.base)}
        onDrop={editor.drop}
      />
    </>
  );
}

/** The bar itself: also for what is no single thing. */
export function Bar({
  faults,
  error,
  busy,
  changed,
  onSave,
  onDrop,
}: {
  faults: string[];
  error: unknown;
  busy: boolean;
  changed: boolean;
  onSave: () => void;
  onDrop: () => void;
}) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const wrong = [
    ...(changed ? faults : []),
    ...(error === null || isConflict(error) ? [] : [words(error), ...othersOf(error)]),
  ];
  if (!changed && wrong.length === 0) return null;
  return (
    <div className="sticky bottom-3 z-10 flex flex-col gap-2 rounded-lg border border-line bg-raised p-3 shadow-lg">
      {wrong.length === 0 ? null : (
        <div role="alert" className="text-[13px] text-danger">
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
          onClick={onSave}
        >
          {t('common.save')}
        </Button>
        <Button kind="ghost" onClick={onDrop}>
          {t('admin.drop')}
        </Button>
        <span className="text-[13px] text-soft">{t('admin.unsaved')}</span>
      </div>
    </div>
  );
}

const othersOf = (error: unknown): string[] =>
  error instanceof ApiError
    ? error.errors.slice(1).map(({ pointer, message }) => `${pointer.slice(1)}: ${message}`)
    : [];
