// Who asked: the contact, their company, and what else they asked.
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Badge } from '../../components/bits.tsx';
import { at } from '../../lib/time.ts';
import { useSlowNow } from '../../lib/use-now.ts';
import { Card } from './card.tsx';
import { Facts } from './facts.tsx';
import type { CardProps } from './card-props.ts';

export function ContactCard({ around: { contact } }: CardProps) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const { name, email, phone, owner, createdAt } = contact;
  return (
    <Card name="contact" title={t('ticket.requester')}>
      <p className="font-medium break-words">
        <bdi>{name ?? email ?? phone}</bdi>
      </p>
      {email === null ? null : <p className="break-all text-soft">{email}</p>}
      {phone === null ? null : (
        <a href={`tel:${phone}`} className="text-soft underline">
          {phone}
        </a>
      )}
      <Facts
        of={[
          [t('ticketPage.owner'), owner?.name],
          [t('ticketPage.since'), at(createdAt, nowMs, i18n.language)],
        ]}
      />
    </Card>
  );
}

export function CompanyCard({ around: { company } }: CardProps) {
  const { t } = useTranslation();
  return (
    <Card name="company" title={t('ticketPage.company')}>
      {company === null ? (
        <p className="text-soft">{t('ticketPage.noCompany')}</p>
      ) : (
        <>
          <p className="font-medium break-words">
            <bdi>{company.name}</bdi>
          </p>
          {company.domain === null ? null : <p className="break-all text-soft">{company.domain}</p>}
        </>
      )}
    </Card>
  );
}

const TONES = { new: 'accent', open: 'warn', waiting: 'neutral', closed: 'good' } as const;

export function OtherTicketsCard({ around }: CardProps) {
  const { t } = useTranslation();
  const { items, count, more } = around.otherTickets;
  const { email } = around.contact;
  return (
    <Card
      name="otherTickets"
      title={t('ticket.otherTickets')}
      hint={count === 0 ? null : <span className="tabular-nums">{more ? `${count}+` : count}</span>}
    >
      {items.length === 0 ? <p className="text-soft">{t('ticket.noOtherTickets')}</p> : null}
      <ul className="flex flex-col gap-1">
        {items.map(({ id, subject, status, category }) => (
          <li key={id} className="flex items-center gap-2">
            <Link
              to="/tickets/$ticketId"
              params={{ ticketId: String(id) }}
              className="min-w-0 flex-1 truncate hover:underline max-sm:py-1.5"
            >
              <span className="text-soft tabular-nums">#{id}</span> <bdi>{subject}</bdi>
            </Link>
            <Badge tone={TONES[category]}>
              {around.pipeline.statuses.find((one) => one.id === status)?.name ??
                t(`ticket.categories.${category}`)}
            </Badge>
          </li>
        ))}
      </ul>
      {count > items.length && email !== null ? (
        <Link
          to="/views/$viewId"
          params={{ viewId: 'search' }}
          search={{ q: `from:${email}` }}
          className="mt-1.5 inline-block text-[13px] text-accent underline"
        >
          {t('ticketPage.allOthers')}
        </Link>
      ) : null}
    </Card>
  );
}
