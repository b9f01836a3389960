// Who is told of what happens to a ticket: those who follow it, and those whom notes named.
import { X } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useTicketVerb } from '../../api/ticket-actions.ts';
import { useMay, usePeople, useTimeline } from '../../api/queries.ts';
import { Avatar } from '../../components/bits.tsx';
import { Button, IconButton } from '../../components/button.tsx';
import { Picker } from '../../components/picker.tsx';
import { useNames } from '../labels.tsx';
import { Card } from './card.tsx';
import type { CardProps } from './card-props.ts';

export function FollowersCard({ ticket }: CardProps) {
  const { t } = useTranslation();
  const names = useNames();
  const people = usePeople();
  const may = useMay('ticket.follow');
  const verb = useTicketVerb();
  const named = useMentioned(ticket.id);
  const follow = (userId: string, follows: boolean): void =>
    verb.mutate({ id: ticket.id, verb: 'follow', body: { userId, follow: follows } });
  const others = (people.data ?? []).filter(
    ({ id, active }) => active && !ticket.followers.includes(id),
  );
  return (
    <Card name="followers" title={t('ticket.followers')}>
      {ticket.followers.length === 0 ? (
        <p className="text-soft">{t('ticketPage.noFollowers')}</p>
      ) : null}
      <ul className="flex flex-col">
        {ticket.followers.map((id) => {
          const name = names.person(id) ?? '…';
          return (
            <li key={id} className="flex items-center gap-2">
              <Avatar name={name} size={20} />
              <span className="min-w-0 flex-1 truncate">{name}</span>
              {may ? (
                <IconButton
                  label={t('ticketPage.removeFollower', { name })}
                  onClick={() => follow(id, false)}
                >
                  <X size={14} aria-hidden="true" />
                </IconButton>
              ) : null}
            </li>
          );
        })}
      </ul>
      {may ? (
        <Picker
          label={t('ticketPage.addFollower')}
          choices={others.map(({ id, name, email }) => ({
            ...{ id, label: name, words: email, icon: <Avatar name={name} size={18} /> },
          }))}
          chosen={[]}
          onChoose={(id) => follow(id, true)}
          trigger={
            <Button small kind="ghost" className="mt-1 -ms-2">
              + {t('ticketPage.addFollower')}
            </Button>
          }
        />
      ) : null}
      {named.length === 0 ? null : (
        <p className="mt-2 text-[13px] text-soft">
          {t('ticketPage.mentioned')}
          {t('common.colon')} {named.map((id) => names.person(id)).join(', ')}
        </p>
      )}
    </Card>
  );
}

/** Whom the notes named that are loaded. */
function useMentioned(ticketId: number): string[] {
  const { data } = useTimeline(ticketId);
  return useMemo(() => {
    const items = data?.pages.flatMap((page) => page.items) ?? [];
    const ids = items.flatMap((item) =>
      item.kind === 'event' && item.event.type === 'noteAdded'
        ? (item.event.data.mentions ?? [])
        : [],
    );
    return [...new Set(ids)];
  }, [data]);
}
