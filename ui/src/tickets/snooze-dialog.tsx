// Putting a ticket aside: until a usual time, until the customer replies, or until any time.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTicketVerb } from '../api/ticket-actions.ts';
import type { Ticket } from '../api/types.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { at } from '../lib/time.ts';

const HOUR = 3_600_000;

/** The usual times, in the reader's zone: in three hours, tomorrow at eight, next Monday at eight. */
export function usualTimes(nowMs: number): { laterToday: Date; tomorrow: Date; nextWeek: Date } {
  const morning = (days: number): Date => {
    const date = new Date(nowMs);
    date.setDate(date.getDate() + days);
    date.setHours(8, 0, 0, 0);
    return date;
  };
  const untilMonday = (8 - new Date(nowMs).getDay()) % 7 || 7;
  return {
    laterToday: new Date(nowMs + 3 * HOUR),
    tomorrow: morning(1),
    nextWeek: morning(untilMonday),
  };
}

export function SnoozeDialog({
  ticket,
  open,
  onClose,
}: {
  ticket: Ticket;
  open: boolean;
  onClose: () => void;
}) {
  const { t, i18n } = useTranslation();
  const verb = useTicketVerb();
  const [time, setTime] = useState('');
  const snooze = (body: object): void => {
    verb.mutate({ id: ticket.id, verb: 'snooze', body });
    onClose();
  };
  const nowMs = Date.now();
  return (
    <Dialog open={open} onClose={onClose} title={t('ticket.snooze')}>
      <div className="flex flex-col gap-2">
        {Object.entries(usualTimes(nowMs)).map(([name, date]) => (
          <Button
            key={name}
            className="justify-between"
            onClick={() => snooze({ until: date.toISOString() })}
          >
            {t(`ticket.${name as 'tomorrow'}`)}
            <span className="text-xs text-soft">
              {at(date.toISOString(), nowMs, i18n.language)}
            </span>
          </Button>
        ))}
        <Button className="justify-start" onClick={() => snooze({ untilReply: true })}>
          {t('ticket.untilReply')}
        </Button>
        <form
          className="mt-2 flex items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (time !== '') snooze({ until: new Date(time).toISOString() });
          }}
        >
          <div className="flex-1">
            <TextField
              label={t('ticket.pickTime')}
              type="datetime-local"
              value={time}
              onChange={(event) => setTime(event.target.value)}
            />
          </div>
          <Button type="submit" kind="primary">
            {t('ticket.snooze')}
          </Button>
        </form>
      </div>
    </Dialog>
  );
}
