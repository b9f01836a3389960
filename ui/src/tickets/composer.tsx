// Reply, note and forward in one place. What is typed is kept on this device at once; a sent reply can be taken back.
import { EditorContent } from '@tiptap/react';
import type { Editor } from '@tiptap/react';
import { Bold, CalendarClock, ChevronDown, Italic, List, Paperclip, X } from 'lucide-react';
import { useRef, useState } from 'react';
import type { ClipboardEvent, DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { usePipelines } from '../api/queries.ts';
import type { Ticket } from '../api/types.ts';
import { Button, IconButton } from '../components/button.tsx';
import { Menu } from '../components/menu.tsx';
import { cx } from '../lib/class-names.ts';
import { useShortcuts } from '../lib/shortcuts.ts';
import { useComposer } from './composer-state.ts';
import type { Kind, Recipients as Recipient, Upload } from './composer-state.ts';
import { keptDraft } from './drafts.ts';
import { statusesOf } from './labels.tsx';
import { usualTimes } from './snooze-dialog.tsx';

export function Composer({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<Kind>(() => keptDraft(ticket.id)?.kind ?? 'reply');
  const state = useComposer(ticket, kind, setKind);
  const { editor, uploads, send, setRecipients, recipients } = state;
  const group = t('keys.ticket');
  const focusAs = (next: Kind): void => {
    setKind(next);
    // At once: the next key is the first letter, and must not be taken for a shortcut.
    editor.view.dom.focus();
    editor.commands.focus('end');
  };
  useShortcuts('composer', [
    { keys: 'r', label: t('composer.reply'), group, act: () => focusAs('reply') },
    { keys: 'n', label: t('composer.note'), group, act: () => focusAs('note') },
    { keys: 'w', label: t('composer.forward'), group, act: () => focusAs('forward') },
    { keys: 'mod+enter', label: t('composer.send'), group, always: true, act: () => send.now({}) },
  ]);
  const onDrop = (event: DragEvent): void => {
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    state.attach([...event.dataTransfer.files]);
  };
  const onPaste = (event: ClipboardEvent): void => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    state.attach([...event.clipboardData.files]);
  };
  return (
    <section
      aria-label={t(`composer.${kind}`)}
      onDrop={onDrop}
      onDragOver={(event) => event.preventDefault()}
      onPaste={onPaste}
      className={cx(
        'border-t px-4 pt-2 pb-3',
        kind === 'note' ? 'border-note-line bg-note-tint' : 'border-line bg-raised',
      )}
      style={{ paddingBottom: 'max(0.75rem, env(safe-area-inset-bottom))' }}
    >
      <div role="tablist" className="mb-1 flex gap-1">
        {(['reply', 'note', 'forward'] as const).map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            aria-selected={kind === one}
            onClick={() => focusAs(one)}
            className={cx(
              'h-7 rounded-md px-2 text-[13px] max-sm:h-9',
              kind === one ? 'bg-tint font-medium text-accent' : 'text-soft hover:text-ink',
            )}
          >
            {t(`composer.${one}`)}
          </button>
        ))}
      </div>
      {kind === 'note' ? null : (
        <Recipients kind={kind} ticket={ticket} value={recipients} onChange={setRecipients} />
      )}
      <EditorContent editor={editor} className="max-h-[32dvh] overflow-y-auto" />
      <UploadList uploads={uploads} onRemove={state.detach} />
      <Bar ticket={ticket} kind={kind} state={state} />
    </section>
  );
}

function Recipients({
  kind,
  ticket,
  value,
  onChange,
}: {
  kind: Kind;
  ticket: Ticket;
  value: Recipient;
  onChange: (value: Recipient) => void;
}) {
  const { t } = useTranslation();
  const [more, setMore] = useState(value.cc !== '');
  const field = 'h-7 min-w-0 flex-1 bg-transparent outline-none max-sm:text-base';
  return (
    <div className="mb-1 flex flex-col text-[13px] text-soft">
      <label className="flex items-center gap-2">
        {t('composer.to')}
        {kind === 'forward' ? (
          <input
            className={field}
            value={value.to}
            inputMode="email"
            onChange={(event) => onChange({ ...value, to: event.target.value })}
          />
        ) : (
          <bdi className="min-w-0 flex-1 truncate text-ink">
            {ticket.requester.email ?? ticket.requester.name}
          </bdi>
        )}
        {more ? null : (
          <button type="button" className="underline" onClick={() => setMore(true)}>
            {t('composer.cc')}
          </button>
        )}
      </label>
      {more ? (
        <label className="flex items-center gap-2">
          {t('composer.cc')}
          <input
            className={field}
            value={value.cc}
            inputMode="email"
            onChange={(event) => onChange({ ...value, cc: event.target.value })}
          />
        </label>
      ) : null}
    </div>
  );
}

function UploadList({
  uploads,
  onRemove,
}: {
  uploads: Upload[];
  onRemove: (upload: Upload) => void;
}) {
  const { t } = useTranslation();
  if (uploads.length === 0) return null;
  return (
    <ul className="mb-2 flex flex-wrap gap-1.5">
      {uploads.map((one) => (
        <li
          key={one.name}
          className="inline-flex items-center gap-1.5 rounded-md border border-line bg-sunken px-2 py-1 text-[13px]"
        >
          <Paperclip size={12} aria-hidden="true" />
          <bdi className="max-w-48 truncate">
            {one.id === null ? t('composer.uploading', { name: one.name }) : one.name}
          </bdi>
          <button
            type="button"
            aria-label={`${t('common.remove')} ${one.name}`}
            onClick={() => onRemove(one)}
          >
            <X size={12} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}

type ComposerState = ReturnType<typeof useComposer>;

function Bar({ ticket, kind, state }: { ticket: Ticket; kind: Kind; state: ComposerState }) {
  const { t } = useTranslation();
  const pipelines = usePipelines();
  const file = useRef<HTMLInputElement>(null);
  const { editor, send } = state;
  const statuses = statusesOf(pipelines.data, ticket.pipelineId).filter(
    (one) => one.category !== 'new',
  );
  const later = Object.entries(usualTimes(Date.now()));
  return (
    <div className="flex flex-wrap items-center gap-0.5">
      <FormatButtons editor={editor} />
      <IconButton label={t('composer.attach')} onClick={() => file.current?.click()}>
        <Paperclip size={15} aria-hidden="true" />
      </IconButton>
      <input
        ref={file}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          state.attach([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      <span className="flex-1" />
      {kind === 'note' ? null : (
        <Menu
          trigger={
            <IconButton label={t('composer.schedule')}>
              <CalendarClock size={15} aria-hidden="true" />
            </IconButton>
          }
          items={later.map(([name, date]) => ({
            label: t(`ticket.${name as 'tomorrow'}`),
            act: () => send.now({ sendAt: date.toISOString() }),
          }))}
        />
      )}
      <span className="inline-flex">
        <Button
          kind="primary"
          busy={send.busy}
          onClick={() => send.now({})}
          className={kind === 'reply' ? 'rounded-e-none' : ''}
        >
          {t(kind === 'note' ? 'composer.addNote' : 'composer.send')}
        </Button>
        {kind === 'reply' ? (
          <Menu
            trigger={
              <Button
                kind="primary"
                aria-label={t('ticket.status')}
                className="rounded-s-none border-s border-s-on-accent/30 px-1.5"
              >
                <ChevronDown size={15} aria-hidden="true" />
              </Button>
            }
            items={statuses.map(({ id, name }) => ({
              label: t('composer.sendAnd', { status: name }),
              act: () => send.now({ status: id }),
            }))}
          />
        ) : null}
      </span>
    </div>
  );
}

function FormatButtons({ editor }: { editor: Editor }) {
  const { t } = useTranslation();
  return (
    <>
      <IconButton
        label={t('composer.bold')}
        keys="mod+b"
        onClick={() => editor.chain().focus().toggleBold().run()}
      >
        <Bold size={15} aria-hidden="true" />
      </IconButton>
      <IconButton
        label={t('composer.italic')}
        keys="mod+i"
        onClick={() => editor.chain().focus().toggleItalic().run()}
      >
        <Italic size={15} aria-hidden="true" />
      </IconButton>
      <IconButton
        label={t('composer.list')}
        onClick={() => editor.chain().focus().toggleBulletList().run()}
      >
        <List size={15} aria-hidden="true" />
      </IconButton>
    </>
  );
}
