// A span of time, typed: "4h". What cannot be read is NaN, which no draft can be saved with.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TextField } from '../components/field.tsx';
import { durationText, parseDuration } from './durations.ts';

export function DurationField({
  label,
  quiet,
  value,
  error,
  hint,
  onChange,
}: {
  label: string;
  quiet?: boolean;
  value: number | undefined;
  error?: string | undefined;
  hint?: string;
  onChange: (seconds: number | undefined) => void;
}) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const text = Object.is(read(typed), value)
    ? typed
    : value === undefined
      ? ''
      : durationText(value);
  const faulty = Number.isNaN(value);
  const days = value !== undefined && /d/i.test(text) && !faulty;
  const said = days ? t('slaAdmin.daysAre', { hours: durationText(value) }) : hint;
  return (
    <TextField
      label={label}
      {...(quiet === undefined ? {} : { quiet })}
      {...(said === undefined ? {} : { hint: said })}
      value={text}
      error={faulty ? t('slaAdmin.durationFault') : error}
      maxLength={40}
      autoComplete="off"
      spellCheck={false}
      onChange={({ target }) => {
        setTyped(target.value);
        onChange(read(target.value));
      }}
    />
  );
}

const read = (text: string): number | undefined =>
  text.trim() === '' ? undefined : (parseDuration(text) ?? Number.NaN);
