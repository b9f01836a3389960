// The canned replies one may use: one's own, those of one's teams, and everybody's.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTeams } from '../../../api/queries.ts';
import type { CannedReply } from '../../../api/types.ts';
import { Badge, Empty, Failure, Skeleton } from '../../../components/bits.tsx';
import { TextField } from '../../../components/field.tsx';
import { cannedQuery, wordsOf } from '../../../composer/canned-replies.ts';
import { SettingsFrame } from '../../../sla/frame.tsx';
import { PRIMARY_LINK, ROW } from '../parts/rows.ts';

const MANY = 8;

export function CannedRepliesPage() {
  const { t } = useTranslation();
  const replies = useQuery(cannedQuery);
  const [sought, setSought] = useState('');
  const all = replies.data ?? [];
  const found = all.filter((one) =>
    wordsOf(one).toLocaleLowerCase().includes(sought.trim().toLocaleLowerCase()),
  );
  return (
    <SettingsFrame
      needs="ticket.reply"
      title={t('admin.pages.cannedReplies')}
      hint={t('admin.hints.cannedReplies')}
      acts={
        <Link
          to="/settings/canned-replies/$replyId"
          params={{ replyId: 'new' }}
          className={PRIMARY_LINK}
        >
          <Plus size={15} aria-hidden="true" />
          {t('canned.new')}
        </Link>
      }
    >
      {replies.isError ? (
        <Failure error={replies.error} again={() => void replies.refetch()} />
      ) : null}
      {replies.isPending ? <Skeleton /> : null}
      {replies.data?.length === 0 ? (
        <Empty title={t('canned.none')}>{t('canned.noneHint')}</Empty>
      ) : null}
      {all.length > MANY ? (
        <TextField
          quiet
          type="search"
          label={t('canned.find')}
          placeholder={t('canned.find')}
          value={sought}
          onChange={({ target }) => setSought(target.value)}
        />
      ) : null}
      {found.length === 0 && all.length > 0 ? (
        <p role="status" className="text-soft">
          {t('common.nothingFound')}
        </p>
      ) : null}
      <ul className="flex flex-col gap-2">
        {found.map((reply) => (
          <li key={reply.id}>
            <Row reply={reply} />
          </li>
        ))}
      </ul>
    </SettingsFrame>
  );
}

const SHOWN = 160;

function Row({ reply }: { reply: CannedReply }) {
  const { t } = useTranslation();
  const teams = useTeams();
  const { id, name, shortcut, body, visibility, teamIds } = reply;
  const names = (teams.data ?? []).filter((one) => teamIds.includes(one.id)).map((one) => one.name);
  return (
    <Link to="/settings/canned-replies/$replyId" params={{ replyId: id }} className={ROW}>
      <span className="min-w-0 flex-1 basis-52">
        <bdi className="block font-medium break-words">{name}</bdi>
        <span dir="auto" className="block truncate text-[13px] text-soft">
          {body.slice(0, SHOWN)}
        </span>
      </span>
      {shortcut === null ? null : (
        <kbd className="rounded border border-line bg-sunken px-1.5 font-sans text-xs">{`/${shortcut}`}</kbd>
      )}
      <Badge>
        {visibility === 'team' && names.length > 0
          ? names.join(', ')
          : t(`canned.visibility.${visibility}`)}
      </Badge>
    </Link>
  );
}
