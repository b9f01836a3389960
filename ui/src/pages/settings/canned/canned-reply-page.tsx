// The editor of a canned reply: its name and shortcut, for whom it is, its words, and how they read in a ticket.
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { CannedReply } from '../../../api/types.ts';
import { Failure, Skeleton } from '../../../components/bits.tsx';
import { TextField } from '../../../components/field.tsx';
import { CANNED, cannedQuery } from '../../../composer/canned-replies.ts';
import { htmlOf } from '../../../composer/content.ts';
import { RichText } from '../../../composer/rich-text.tsx';
import { Section, SettingsFrame } from '../../../sla/frame.tsx';
import { RemoveButton } from '../../../sla/remove-button.tsx';
import { SaveBar } from '../parts/save-bar.tsx';
import { useEditor } from '../parts/use-editor.ts';
import { CannedPreview } from './canned-preview.tsx';
import { WhoseFields } from './whose-fields.tsx';
import { mayKeep, useSharing } from './whose.ts';

interface Content extends Pick<CannedReply, 'name' | 'visibility' | 'teamIds'> {
  shortcut: string;
  html: string;
  text: string;
}
const NEW: Content = {
  ...{ name: '', shortcut: '', html: '', text: '', visibility: 'private', teamIds: [] },
};

const contentOf = (reply: CannedReply): Content => ({
  ...{ name: reply.name, shortcut: reply.shortcut ?? '', text: reply.body },
  html: reply.bodyHtml ?? htmlOf(reply.body),
  ...{ visibility: reply.visibility, teamIds: reply.teamIds },
});

const bodyOf = ({ shortcut, html, text, ...rest }: Content): object => ({
  ...rest,
  ...{ shortcut: shortcut === '' ? null : shortcut, body: text, bodyHtml: html },
});

export function CannedReplyPage() {
  const { t } = useTranslation();
  const { replyId } = useParams({ from: '/desk/settings/canned-replies/$replyId' });
  const replies = useQuery(cannedQuery);
  const navigate = useNavigate();
  const sharing = useSharing();
  const reply = replies.data?.find(({ id }) => id === replyId);
  const isNew = replyId === 'new';
  const gone = !isNew && replies.isSuccess && reply === undefined;
  return (
    <SettingsFrame
      needs="ticket.reply"
      title={isNew ? t('canned.new') : (reply?.name ?? '…')}
      back={{ to: '/settings/canned-replies', label: t('admin.pages.cannedReplies') }}
      acts={
        reply === undefined || !mayKeep(reply, sharing) ? null : (
          <RemoveButton
            needs="ticket.reply"
            {...{ path: CANNED, id: reply.id, name: reply.name }}
            hint={t('canned.removeHint')}
            onRemoved={() => void navigate({ to: '/settings/canned-replies' })}
          />
        )
      }
    >
      {replies.isError ? (
        <Failure error={replies.error} again={() => void replies.refetch()} />
      ) : null}
      {replies.isPending ? <Skeleton lines={6} /> : null}
      {gone ? <p role="status">{t('errors.notFound')}</p> : null}
      {isNew || reply !== undefined ? (
        <Form
          key={replyId}
          id={reply?.id ?? null}
          version={reply?.version ?? 0}
          saved={reply === undefined ? NEW : contentOf(reply)}
          mayChange={reply === undefined || mayKeep(reply, sharing)}
        />
      ) : null}
    </SettingsFrame>
  );
}

const SHORTCUT = /^([a-zA-Z0-9][a-zA-Z0-9_-]{0,49})?$/;

function useFaults({ name, shortcut, text, visibility, teamIds }: Content): string[] {
  const { t } = useTranslation();
  return [
    ...(name.trim() === '' ? [t('admin.nameNeeded')] : []),
    ...(SHORTCUT.test(shortcut) ? [] : [t('canned.shortcutFault')]),
    ...(text === '' ? [t('canned.textNeeded')] : []),
    ...(visibility === 'team' && teamIds.length === 0 ? [t('canned.teamsNeeded')] : []),
  ];
}

interface FormProps {
  id: string | null;
  version: number;
  saved: Content;
  mayChange: boolean;
}

function Form({ id, version, saved, mayChange }: FormProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const editor = useEditor<Content>({
    ...{ path: CANNED, id, saved, version, bodyOf },
    onMade: (replyId) =>
      void navigate({ to: '/settings/canned-replies/$replyId', params: { replyId } }),
  });
  const { content } = editor.draft;
  const faults = useFaults(content);
  return (
    <>
      {mayChange ? null : <p className="text-warn">{t('canned.notYours')}</p>}
      <fieldset disabled={!mayChange} className="flex min-w-0 flex-col gap-4">
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField
            required
            label={t('admin.name')}
            maxLength={200}
            value={content.name}
            error={editor.errorAt('/name')}
            onChange={({ target }) => editor.edit({ name: target.value })}
          />
          <TextField
            label={t('canned.shortcut')}
            hint={t('canned.shortcutHint')}
            maxLength={50}
            value={content.shortcut}
            error={
              SHORTCUT.test(content.shortcut)
                ? editor.errorAt('/shortcut')
                : t('canned.shortcutFault')
            }
            onChange={({ target }) => editor.edit({ shortcut: target.value.trim() })}
          />
        </div>
        <WhoseFields
          {...{ visibility: content.visibility, teamIds: content.teamIds }}
          onChange={editor.edit}
        />
        <Section
          title={t('canned.text')}
          hint={t('canned.placeholders', { example: '{{requester.firstName|there}}' })}
        >
          <RichText
            label={t('canned.text')}
            html={content.html}
            disabled={!mayChange}
            onChange={editor.edit}
          />
        </Section>
      </fieldset>
      <CannedPreview text={content.text} html={content.html} />
      {mayChange ? <SaveBar editor={editor} kind="cannedReply" faults={faults} /> : null}
    </>
  );
}
