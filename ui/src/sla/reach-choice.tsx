// Whom a save reaches: new tickets, or open ones too; each with what that means.
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Reach } from './types.ts';

const REACHES: Reach[] = ['newTickets', 'newAndOpenTickets'];

export function ReachChoice({
  reach,
  onChange,
}: {
  reach: Reach;
  onChange: (reach: Reach) => void;
}) {
  const { t } = useTranslation();
  const name = useId();
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-[13px] font-medium">{t('slaAdmin.reach')}</legend>
      {REACHES.map((one) => (
        <label key={one} className="flex items-start gap-2">
          <input
            type="radio"
            name={name}
            checked={reach === one}
            onChange={() => onChange(one)}
            className="mt-0.5 size-4 shrink-0 accent-accent"
            aria-describedby={`${name}-${one}`}
          />
          <span>
            {t(`slaAdmin.reaches.${one}`)}
            <span id={`${name}-${one}`} className="block text-xs text-soft">
              {t(`slaAdmin.reachHints.${one}`)}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
