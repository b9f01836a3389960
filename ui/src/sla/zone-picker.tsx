// The zone whose clock a calendar follows, found by typing a place.
import { ChevronDown } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../components/button.tsx';
import { Picker } from '../components/picker.tsx';
import { useSlowNow } from '../lib/use-now.ts';

export function ZonePicker({
  zone,
  error,
  onChange,
}: {
  zone: string;
  error: string | undefined;
  onChange: (zone: string) => void;
}) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const choices = useMemo(
    () =>
      [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone'), zone])].map((id) => ({
        ...{ id, label: id.replaceAll('_', ' ') },
      })),
    [zone],
  );
  const time = new Intl.DateTimeFormat(i18n.language, {
    ...{ timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit' },
  }).format(nowMs);
  return (
    <div className="flex flex-col gap-1">
      <span className="text-[13px] font-medium" id="zone-label">
        {t('slaAdmin.timeZone')}
      </span>
      <Picker
        label={t('slaAdmin.timeZone')}
        choices={choices}
        chosen={[zone]}
        onChoose={onChange}
        trigger={
          <Button
            aria-label={`${t('slaAdmin.timeZone')}${t('common.colon')} ${zone}`}
            className="!justify-between font-normal"
          >
            <span className="truncate">{zone.replaceAll('_', ' ')}</span>
            <ChevronDown size={14} aria-hidden="true" />
          </Button>
        }
      />
      {error === undefined ? (
        <span className="text-xs text-soft">{t('slaAdmin.timeZoneNow', { time })}</span>
      ) : (
        <span role="alert" className="text-xs text-danger">
          {error}
        </span>
      )}
    </div>
  );
}
