// When a message leaves: the usual times, or any, by the reader's own clock.
import { CalendarClock } from 'lucide-react';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { Menu } from '../components/menu.tsx';
import { at } from '../lib/time.ts';
import { usualTimes } from '../tickets/snooze-dialog.tsx';

export function SendLater({ onSend }: { onSend: (sendAt: string) => void }) {
  const { t, i18n } = useTranslation();
  const [asking, setAsking] = useState(false);
  const nowMs = Date.now();
  const usual = Object.entries(usualTimes(nowMs)).map(([name, date]) => ({
    label: `${t(`ticket.${name as 'tomorrow'}`)} · ${at(date.toISOString(), nowMs, i18n.language)}`,
    act: () => onSend(date.toISOString()),
  }));
  return (
    <>
      <Menu
        trigger={
          <IconButton label={t('composer.schedule')}>
            <CalendarClock size={15} aria-hidden="true" />
          </IconButton>
        }
        items={[
          ...usual,
          { label: t('composer.pickTime'), apart: true, act: () => setAsking(true) },
        ]}
      />
      <Dialog open={asking} onClose={() => setAsking(false)} title={t('composer.schedule')}>
        <AnyTime
          onSend={(sendAt) => {
            setAsking(false);
            onSend(sendAt);
          }}
        />
      </Dialog>
    </>
  );
}

/** As the field of date and time wants it, by the reader's clock. */
function local(date: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

function AnyTime({ onSend }: { onSend: (sendAt: string) => void }) {
  const { t } = useTranslation();
  const [first] = useState(() => local(usualTimes(Date.now()).tomorrow));
  const [time, setTime] = useState(first);
  const [past, setPast] = useState(false);
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const date = new Date(time);
    if (!(date.getTime() > Date.now())) return setPast(true);
    onSend(date.toISOString());
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <TextField
        autoFocus
        required
        type="datetime-local"
        label={t('composer.pickTime')}
        hint={t('composer.yourZone', { zone: timeZone.replaceAll('_', ' ') })}
        error={past ? t('composer.timePast') : undefined}
        min={local(new Date())}
        value={time}
        onChange={({ target }) => {
          setPast(false);
          setTime(target.value);
        }}
      />
      <Button type="submit" kind="primary" className="self-end">
        {t('composer.schedule')}
      </Button>
    </form>
  );
}
