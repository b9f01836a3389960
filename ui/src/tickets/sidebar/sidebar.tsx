// Beside a ticket: the cards of the reader's layout, in its order. Whoever may change the desk can change the layout where it is seen.
import { Settings2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAround, useMay } from '../../api/queries.ts';
import type { SidebarCard, Ticket } from '../../api/types.ts';
import { Skeleton } from '../../components/bits.tsx';
import { Button } from '../../components/button.tsx';
import type { CardProps } from './card-props.ts';
import { CompanyCard, ContactCard, OtherTicketsCard } from './contact-cards.tsx';
import { FollowersCard } from './followers-card.tsx';
import { PropertiesCard } from './properties-card.tsx';
import { RoutingCard } from './routing-card.tsx';
import { SlaCard } from './sla-card.tsx';
import { WorkflowCard } from './workflow-card.tsx';

const Customise = lazy(() => import('./customise.tsx').then((one) => ({ default: one.Customise })));

export function Sidebar({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation();
  const around = useAround(ticket.id);
  const mayChange = useMay('settings.desk');
  const [customising, setCustomising] = useState(false);
  if (around === undefined) return <Skeleton lines={8} />;
  if (customising) {
    return (
      <Suspense fallback={<Skeleton lines={6} />}>
        <Customise ticket={ticket} layout={around.layout} onClose={() => setCustomising(false)} />
      </Suspense>
    );
  }
  return (
    <>
      {around.layout.cards.map((card, index) => (
        // Lists of properties may be several; the others stand once.
        <One key={`${card.type}${index}`} {...{ card, ticket, around }} />
      ))}
      {around.layout.cards.length === 0 ? (
        <p className="px-4 py-6 text-center text-soft">{t('ticketPage.noCards')}</p>
      ) : null}
      {mayChange ? (
        <div className="flex justify-center p-3">
          <Button small kind="ghost" onClick={() => setCustomising(true)}>
            <Settings2 size={14} aria-hidden="true" /> {t('ticketPage.customise')}
          </Button>
        </div>
      ) : null}
    </>
  );
}

function One({ card, ...props }: CardProps & { card: SidebarCard }) {
  switch (card.type) {
    case 'properties':
      return <PropertiesCard {...props} card={card} />;
    case 'contact':
      return <ContactCard {...props} />;
    case 'company':
      return <CompanyCard {...props} />;
    case 'otherTickets':
      return <OtherTicketsCard {...props} />;
    case 'sla':
      return <SlaCard {...props} />;
    case 'workflow':
      return <WorkflowCard {...props} />;
    case 'routing':
      return <RoutingCard {...props} />;
    case 'followers':
      return <FollowersCard {...props} />;
  }
}
