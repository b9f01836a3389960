// The hours of a day, typed: "9:00-12:30, 13:30-18:00". What cannot be read stays as typed, and no draft is saved with it.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TextField } from '../components/field.tsx';
import { parseSpans, spansText } from './day-spans.ts';
import type { Spans } from './day-spans.ts';

/** Stands in a draft for hours that cannot be read. */
export const UNREADABLE: Spans = [['?', '?']];
export const isUnreadable = (spans: Spans): boolean => spans[0]?.[0] === '?';

export function SpansField({
  label,
  quiet,
  spans,
  error,
  onChange,
}: {
  label: string;
  quiet?: boolean;
  spans: Spans;
  error?: string | undefined;
  onChange: (spans: Spans) => void;
}) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const text = spansText(read(typed)) === spansText(spans) ? typed : spansText(spans);
  return (
    <TextField
      label={label}
      {...(quiet === undefined ? {} : { quiet })}
      value={text}
      placeholder={t('slaAdmin.closed')}
      error={isUnreadable(spans) ? t('slaAdmin.spansFault') : error}
      maxLength={300}
      autoComplete="off"
      spellCheck={false}
      onChange={({ target }) => {
        setTyped(target.value);
        onChange(read(target.value));
      }}
    />
  );
}

const read = (text: string): Spans => parseSpans(text) ?? UNREADABLE;
