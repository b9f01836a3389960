// Around the composer: tells the others that one is here or writes, and says above it who else writes and what came meanwhile.
import { useQueryClient } from '@tanstack/react-query';
import { MessageSquareWarning, PencilLine, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '../api/types.ts';
import { IconButton } from '../components/button.tsx';
import { useVisible } from '../lib/use-visible.ts';
import { useNames } from '../tickets/labels.tsx';
import { useListOf } from './list-of.ts';
import { forgetPresence, showPresence, useOthers } from './presence-queries.ts';
import { SignsOfLife } from './signs-of-life.ts';
import { useMeanwhile } from './use-meanwhile.ts';
import { useWriting } from './use-writing.ts';

const LINE =
  'flex items-center gap-2 border-t border-line bg-warn-tint ps-4 pe-2 text-[13px] text-warn';

export function WritingHere({ ticket, children }: { ticket: Ticket; children: ReactNode }) {
  const { ref, onInput, typing, hasWords } = useWriting();
  useSignsOfLife(ticket.id, typing);
  return (
    <div ref={ref} onInput={onInput}>
      <div role="status">
        <AlsoWriting ticketId={ticket.id} />
        <Meanwhile ticket={ticket} hasWords={hasWords} />
      </div>
      {children}
    </div>
  );
}

/** Gives signs of life while the page is seen, and says goodbye when it is hidden or left. */
function useSignsOfLife(ticketId: number, typing: boolean): void {
  const client = useQueryClient();
  const visible = useVisible();
  const signs = useRef<SignsOfLife | null>(null);
  useEffect(() => {
    const mine = new SignsOfLife(ticketId, (presence) =>
      presence === null ? forgetPresence(client, ticketId) : showPresence(client, presence),
    );
    signs.current = mine;
    const leave = (): void => mine.be(null);
    // A page that goes renders no more: this cannot wait for `visible`.
    addEventListener('pagehide', leave);
    return () => {
      removeEventListener('pagehide', leave);
      leave();
      forgetPresence(client, ticketId);
    };
  }, [client, ticketId]);
  useEffect(() => {
    signs.current?.be(visible ? (typing ? 'typing' : 'viewing') : null);
  }, [ticketId, visible, typing]);
}

function AlsoWriting({ ticketId }: { ticketId: number }) {
  const { t } = useTranslation();
  const listOf = useListOf();
  const writers = useOthers(ticketId).filter(({ state }) => state === 'typing');
  if (writers.length === 0) return null;
  const who = listOf(writers.map(({ name }) => name));
  return (
    <p className={`${LINE} py-1.5`}>
      <PencilLine size={14} aria-hidden="true" className="shrink-0" />
      <span>{t('presence.collision', { who, count: writers.length })}</span>
    </p>
  );
}

/** Says it, and holds nobody up: whether the words still fit is the writer's to see. */
function Meanwhile({ ticket, hasWords }: { ticket: Ticket; hasWords: boolean }) {
  const { t } = useTranslation();
  const { person } = useNames();
  const { message, seen } = useMeanwhile(ticket.id, hasWords);
  if (message === null) return null;
  const who =
    message.kind === 'inbound'
      ? (ticket.requester.name ?? t('timeline.contact'))
      : (person(message.authorUserId) ?? t('timeline.system'));
  return (
    <p className={`${LINE} py-0.5`}>
      <MessageSquareWarning size={14} aria-hidden="true" className="shrink-0" />
      <span className="flex-1">{t('presence.meanwhile', { who })}</span>
      <IconButton label={t('common.close')} className="!text-warn" onClick={seen}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </p>
  );
}
