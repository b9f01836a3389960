// Who else has this ticket open: their pictures in its head, and what each of them does on hover, focus or tap.
import { Popover } from '@base-ui/react/popover';
import { Eye, PencilLine } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '../components/bits.tsx';
import { cx } from '../lib/class-names.ts';
import { useListOf } from './list-of.ts';
import { useOthers } from './presence-queries.ts';
import type { PresentPerson } from './presence-queries.ts';

const SHOWN = 3;

export function Others({ ticketId }: { ticketId: number }) {
  const { t } = useTranslation();
  const listOf = useListOf();
  const others = useOthers(ticketId);
  if (others.length === 0) return null;
  const wordsOf = ({ name, state }: PresentPerson): string => t(`presence.${state}`, { name });
  const rest = others.length - SHOWN;
  return (
    <Popover.Root>
      <Popover.Trigger
        openOnHover
        delay={250}
        data-testid="others"
        aria-label={listOf(others.map(wordsOf))}
        className="flex h-8 shrink-0 items-center rounded-full px-1 max-sm:h-10"
      >
        {others.slice(0, SHOWN).map((one, index) => (
          <Face key={one.userId} person={one} isFirst={index === 0} />
        ))}
        {rest > 0 ? (
          <span aria-hidden="true" className="ps-1 text-xs text-soft max-sm:hidden">
            +{rest}
          </span>
        ) : null}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={4} align="end" className="z-50">
          <Popover.Popup
            aria-label={t('presence.title')}
            className="appear max-w-[94vw] rounded-lg border border-line bg-raised p-3 shadow-xl outline-none"
          >
            <ul className="flex flex-col gap-2">
              {others.map((one) => {
                const Icon = one.state === 'typing' ? PencilLine : Eye;
                return (
                  <li key={one.userId} className="flex items-center gap-2">
                    <Avatar name={one.name} size={22} />
                    <span className="min-w-0 flex-1">{wordsOf(one)}</span>
                    <Icon
                      size={14}
                      aria-hidden="true"
                      className={one.state === 'typing' ? 'text-warn' : 'text-soft'}
                    />
                  </li>
                );
              })}
            </ul>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** One picture; whoever writes has a pencil. On a phone the first has to do. */
function Face({ person, isFirst }: { person: PresentPerson; isFirst: boolean }) {
  return (
    <span
      className={cx(
        'relative inline-flex',
        person.state === 'typing' && 'z-10',
        isFirst ? '' : '-ms-1.5 max-sm:hidden',
      )}
    >
      <span className="inline-flex rounded-full border-2 border-ground">
        <Avatar name={person.name} size={24} />
      </span>
      {person.state === 'typing' ? (
        <span className="absolute -end-0.5 -bottom-0.5 inline-flex size-4 items-center justify-center rounded-full border border-ground bg-warn-tint text-warn">
          <PencilLine size={9} aria-hidden="true" />
        </span>
      ) : null}
    </span>
  );
}
