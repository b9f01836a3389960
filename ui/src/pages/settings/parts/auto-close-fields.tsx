// When tickets that wait for their customer close themselves, and the warning before.
import { useTranslation } from 'react-i18next';
import type { AutoCloseSetting } from '#domain/desk.ts';
import { SelectField, TextArea, TextField } from '../../../components/field.tsx';
import { DurationField } from '../../../sla/duration-field.tsx';
import { useCalendars } from '../../../sla/queries.ts';
import { Tick } from './fields.tsx';

const WEEK_SECONDS = 7 * 86_400;
const DAY_SECONDS = 86_400;

/** What one begins with. */
export const newAutoClose = (): AutoCloseSetting => ({ afterSeconds: WEEK_SECONDS });

/** The words for what cannot be saved; null when it can. */
export function autoCloseFault(value: AutoCloseSetting | null | undefined) {
  if (value === null || value === undefined) return null;
  const { afterSeconds, warnBeforeSeconds = 0 } = value;
  if (Number.isNaN(afterSeconds) || Number.isNaN(warnBeforeSeconds))
    return 'slaAdmin.durationFault' as const;
  return warnBeforeSeconds >= afterSeconds ? ('slaAdmin.dueSoonFault' as const) : null;
}

export function AutoCloseFields({
  value,
  errorAt,
  onChange,
}: {
  value: AutoCloseSetting;
  errorAt: (field: string) => string | undefined;
  onChange: (value: AutoCloseSetting) => void;
}) {
  const { t } = useTranslation();
  const calendars = useCalendars();
  const { warnBeforeSeconds: _before, warning: _warning, ...plain } = value;
  const warn = (on: boolean): void =>
    onChange(
      on
        ? {
            ...plain,
            warnBeforeSeconds: DAY_SECONDS,
            warning: { body: t('admin.autoClose.bodyDefault') },
          }
        : plain,
    );
  return (
    <div className="flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-2">
        <DurationField
          label={t('admin.autoClose.after')}
          hint={t('admin.autoClose.afterHint')}
          value={value.afterSeconds}
          error={errorAt('afterSeconds')}
          onChange={(seconds) => onChange({ ...value, afterSeconds: seconds ?? Number.NaN })}
        />
        <SelectField
          label={t('admin.autoClose.calendar')}
          value={value.calendarId ?? ''}
          error={errorAt('calendarId')}
          onChange={({ target }) =>
            onChange({ ...value, calendarId: target.value === '' ? null : target.value })
          }
        >
          <option value="">{t('admin.autoClose.calendarOfPolicy')}</option>
          {(calendars.data ?? []).map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      </div>
      <Tick
        label={t('admin.autoClose.warn')}
        checked={value.warning !== undefined}
        onChange={warn}
      />
      {value.warning === undefined ? null : <Warning {...{ value, errorAt, onChange }} />}
    </div>
  );
}

function Warning({ value, errorAt, onChange }: Parameters<typeof AutoCloseFields>[0]) {
  const { t } = useTranslation();
  const { subject, body = '' } = value.warning ?? {};
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <DurationField
        label={t('admin.autoClose.warnBefore')}
        value={value.warnBeforeSeconds}
        error={errorAt('warnBeforeSeconds')}
        onChange={(seconds) => onChange({ ...value, warnBeforeSeconds: seconds ?? Number.NaN })}
      />
      <TextField
        label={t('admin.autoClose.subject')}
        maxLength={998}
        value={subject ?? ''}
        error={errorAt('warning/subject')}
        onChange={({ target }) =>
          onChange({
            ...value,
            warning: { body, ...(target.value === '' ? {} : { subject: target.value }) },
          })
        }
      />
      <div className="sm:col-span-2">
        <TextArea
          required
          label={t('admin.autoClose.body')}
          hint={t('admin.autoClose.bodyHint')}
          maxLength={20_000}
          value={body}
          error={errorAt('warning/body')}
          onChange={({ target }) =>
            onChange({
              ...value,
              warning: { body: target.value, ...(subject === undefined ? {} : { subject }) },
            })
          }
        />
      </div>
    </div>
  );
}
