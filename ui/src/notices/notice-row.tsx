// One notice: the ticket, what happened to it and when; bold and dotted while it is unread.
import { Link } from '@tanstack/react-router';
import {
  AlarmClock,
  AtSign,
  Check,
  CircleDot,
  Inbox,
  MailX,
  MessageSquare,
  Siren,
  TrendingUp,
  UserCheck,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePipelines } from '../api/queries.ts';
import type { Notice } from '../api/types.ts';
import { IconButton } from '../components/button.tsx';
import { cx } from '../lib/class-names.ts';
import { exact, shortAgo } from '../lib/time.ts';
import { useSlowNow } from '../lib/use-now.ts';
import { useNames } from '../tickets/labels.tsx';
import { sentenceOf, titleOf } from './notice-words.ts';

const ICONS: Partial<Record<Notice['type'], LucideIcon>> = {
  ...{ created: UserCheck, assigneeChanged: UserCheck, noteAdded: AtSign, goalBreached: Siren },
  ...{ messageReceived: MessageSquare, statusChanged: CircleDot, goalDueSoon: AlarmClock },
  ...{ escalated: TrendingUp, deliveryFailed: MailX, bounceReceived: MailX },
  mailQuarantined: Inbox,
};
const LOOKS: Partial<Record<Notice['type'], string>> = {
  ...{ goalBreached: 'text-danger', deliveryFailed: 'text-danger', bounceReceived: 'text-danger' },
  ...{ goalDueSoon: 'text-warn', escalated: 'text-warn', noteAdded: 'text-accent' },
};

export interface NoticeRowProps {
  notice: Notice;
  onOpen: () => void;
  onRead: () => void;
}

export function NoticeRow({ notice, onOpen, onRead }: NoticeRowProps) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const sentence = useSentence()(notice);
  const Icon = ICONS[notice.type] ?? CircleDot;
  const unread = notice.readAt === null;
  return (
    <li className="group relative flex items-start hover:bg-sunken">
      <Target notice={notice} onOpen={onOpen}>
        <Icon
          size={16}
          aria-hidden="true"
          className={cx('mt-0.5 shrink-0', LOOKS[notice.type] ?? 'text-soft')}
        />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2">
            <span className={cx('min-w-0 flex-1 truncate', unread && 'font-semibold')}>
              {notice.ticketId === null ? null : (
                <span className="me-1.5 font-normal text-soft tabular-nums">
                  #{notice.ticketId}
                </span>
              )}
              <bdi>{titleOf(notice, t)}</bdi>
            </span>
            <time
              dateTime={notice.at}
              title={exact(notice.at, i18n.language)}
              className="shrink-0 text-xs text-soft tabular-nums"
            >
              {shortAgo(notice.at, nowMs, i18n.language)}
            </time>
          </span>
          <span className="block text-[13px] text-soft">{sentence}</span>
          {notice.failure === null ? null : (
            <bdi className="line-clamp-2 text-[13px] break-words text-danger">
              {notice.failure.text}
            </bdi>
          )}
          {unread ? <span className="sr-only">{t('notices.isUnread')}</span> : null}
        </span>
      </Target>
      <span className="flex w-9 shrink-0 justify-center pt-2 max-sm:w-11">
        {unread ? <ReadButton title={titleOf(notice, t)} onRead={onRead} /> : null}
      </span>
    </li>
  );
}

/** A dot while it is unread, which is the way to mark it as read. */
function ReadButton({ title, onRead }: { title: string; onRead: () => void }) {
  const { t } = useTranslation();
  return (
    <IconButton label={t('notices.readOne', { title })} className="group/read" onClick={onRead}>
      <span
        aria-hidden="true"
        className="size-2 rounded-full bg-accent group-hover:hidden group-focus-visible/read:hidden"
      />
      <Check
        size={15}
        aria-hidden="true"
        className="hidden group-hover:block group-focus-visible/read:block"
      />
    </IconButton>
  );
}

function Target({
  notice,
  onOpen,
  children,
}: {
  notice: Notice;
  onOpen: () => void;
  children: ReactNode;
}) {
  const shared = {
    ...{ 'data-notice': notice.id, onClick: onOpen, children },
    className: 'flex min-w-0 flex-1 gap-3 py-2.5 ps-4 pe-2 !-outline-offset-2',
  };
  return notice.ticketId === null ? (
    <Link to="/settings/incoming" {...shared} />
  ) : (
    <Link to="/tickets/$ticketId" params={{ ticketId: String(notice.ticketId) }} {...shared} />
  );
}

function useSentence(): (notice: Notice) => string {
  const { t } = useTranslation();
  const { person } = useNames();
  const pipelines = usePipelines();
  const statuses = pipelines.data?.flatMap((one) => one.statuses) ?? [];
  const status = (id: string) => statuses.find((one) => one.id === id)?.name ?? null;
  return (notice) => sentenceOf(notice, t, { person, status });
}
