// One comparison of a view: field, how, with what.
import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { describeViewField, SPAN_UNITS, VIEW_FIELDS } from '#domain/view-conditions.ts';
import type { Span, ViewOp, ViewTest, ViewValue } from '#domain/view-conditions.ts';
import { usePeople, usePipelines, useTeams } from '../api/queries.ts';
import { IconButton } from '../components/button.tsx';

const INPUT =
  'h-8 min-w-0 rounded-md border border-line bg-raised px-2 max-sm:h-10 max-sm:text-base';
type Key = 'views.fields.status';

export interface ConditionRowProps {
  test: ViewTest;
  onChange: (test: ViewTest) => void;
  onRemove: () => void;
}

export function ConditionRow({ test, onChange, onRemove }: ConditionRowProps) {
  const { t, i18n } = useTranslation();
  const { ops } = describeViewField(test.field);
  const word = (group: string, name: string): string => {
    const key = `views.${group}.${name.replace('.', '_')}`;
    return i18n.exists(key) ? t(key as Key) : name;
  };
  const setField = (field: string): void => {
    const op = describeViewField(field).ops[0] ?? 'is';
    onChange(withValue({ field, op }, firstValue(field, op)));
  };
  const setOp = (op: ViewOp): void =>
    onChange(withValue({ field: test.field, op }, fitting(test, op)));
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <select
        aria-label={t('views.field')}
        className={INPUT}
        value={test.field}
        onChange={(event) => setField(event.target.value)}
      >
        {VIEW_FIELDS.map((field) => (
          <option key={field} value={field}>
            {word('fields', field)}
          </option>
        ))}
      </select>
      <select
        aria-label={t('views.op')}
        className={INPUT}
        value={test.op}
        onChange={(event) => setOp(event.target.value as ViewOp)}
      >
        {ops.map((op) => (
          <option key={op} value={op}>
            {word('ops', op)}
          </option>
        ))}
      </select>
      <ValueInput test={test} onChange={(value) => onChange(withValue(test, value))} word={word} />
      <IconButton label={t('common.remove')} onClick={onRemove}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

const withValue = ({ field, op }: ViewTest, value: ViewValue | undefined): ViewTest =>
  value === undefined ? { field, op } : { field, op, value };

const isSpan = (op: ViewOp): boolean => ['withinLast', 'olderThan', 'withinNext'].includes(op);

/** What a new comparison begins with. */
function firstValue(field: string, op: ViewOp): ViewValue | undefined {
  const { kind, words } = describeViewField(field);
  if (op === 'isSet' || op === 'isNotSet') return undefined;
  if (isSpan(op)) return { amount: 7, unit: 'days' };
  if (kind === 'flag') return true;
  if (op === 'between') return [today(-7), today(0)];
  if (op === 'in' || op === 'notIn') return words[0] === undefined ? [] : [words[0]];
  if (kind === 'time') return today(0);
  return words[0] ?? '';
}

const DAY_MS = 86_400_000;
const today = (days: number): string =>
  new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

/** Keeps the value where the new comparison can take it. */
function fitting({ field, op: before, value }: ViewTest, op: ViewOp): ViewValue | undefined {
  const listed = op === 'in' || op === 'notIn';
  if (op === 'between' || before === 'between') return firstValue(field, op);
  if (listed && typeof value === 'string') return [value];
  if (!listed && Array.isArray(value) && op !== 'isSet' && op !== 'isNotSet') return value[0] ?? '';
  const same =
    isSpan(op) === isSpan(before) && value !== undefined && op !== 'isSet' && op !== 'isNotSet';
  return same ? value : firstValue(field, op);
}

interface ValueProps {
  test: ViewTest;
  onChange: (value: ViewValue) => void;
  word: (group: string, name: string) => string;
}

function ValueInput({ test, onChange, word }: ValueProps) {
  const { t } = useTranslation();
  const options = useOptions(test.field, word);
  const { kind } = describeViewField(test.field);
  const { op, value } = test;
  const text = typeof value === 'string' ? value : '';
  if (op === 'isSet' || op === 'isNotSet') return null;
  if (kind === 'flag') {
    return (
      <select
        aria-label={t('views.value')}
        className={INPUT}
        value={value === false ? 'false' : 'true'}
        onChange={(event) => onChange(event.target.value === 'true')}
      >
        <option value="true">{t('views.yes')}</option>
        <option value="false">{t('views.no')}</option>
      </select>
    );
  }
  if (isSpan(op)) return <SpanInput span={value as Span} onChange={onChange} word={word} />;
  if (op === 'between')
    return <BetweenInput days={Array.isArray(value) ? value : []} onChange={onChange} />;
  if (kind === 'time')
    return (
      <input
        type="date"
        aria-label={t('views.value')}
        className={INPUT}
        value={text.slice(0, 10)}
        onChange={(event) => onChange(event.target.value)}
      />
    );
  if (Array.isArray(value))
    return <SeveralInput value={value} options={options} onChange={onChange} />;
  if (options !== null && op !== 'contains' && op !== 'notContains') {
    return (
      <select
        aria-label={t('views.value')}
        className={INPUT}
        value={text}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="" disabled />
        {options.map(({ id, label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
    );
  }
  return (
    <input
      aria-label={t('views.value')}
      className={INPUT}
      value={text}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function SpanInput({
  span,
  onChange,
  word,
}: {
  span: Span;
  onChange: (span: Span) => void;
  word: ValueProps['word'];
}) {
  const { t } = useTranslation();
  return (
    <span className="flex gap-1.5">
      <input
        type="number"
        min={1}
        aria-label={t('views.value')}
        className={`${INPUT} w-16`}
        value={span.amount}
        onChange={(event) => onChange({ ...span, amount: Math.max(1, Number(event.target.value)) })}
      />
      <select
        aria-label={t('views.unit')}
        className={INPUT}
        value={span.unit}
        onChange={(event) => onChange({ ...span, unit: event.target.value as Span['unit'] })}
      >
        {SPAN_UNITS.map((unit) => (
          <option key={unit} value={unit}>
            {word('units', unit)}
          </option>
        ))}
      </select>
    </span>
  );
}

function BetweenInput({ days, onChange }: { days: string[]; onChange: (days: string[]) => void }) {
  const { t } = useTranslation();
  const [from = '', to = ''] = days;
  return (
    <span className="flex gap-1.5">
      <input
        type="date"
        aria-label={t('views.ops.after')}
        className={INPUT}
        value={from.slice(0, 10)}
        onChange={(event) => onChange([event.target.value, to])}
      />
      <input
        type="date"
        aria-label={t('views.ops.before')}
        className={INPUT}
        value={to.slice(0, 10)}
        onChange={(event) => onChange([from, event.target.value])}
      />
    </span>
  );
}

function SeveralInput({
  value,
  options,
  onChange,
}: {
  value: string[];
  options: Option[] | null;
  onChange: (value: string[]) => void;
}) {
  const { t } = useTranslation();
  if (options === null) {
    return (
      <input
        aria-label={t('views.values')}
        placeholder={t('views.values')}
        className={INPUT}
        defaultValue={value.join(', ')}
        onBlur={(event) =>
          onChange(
            event.target.value
              .split(',')
              .map((one) => one.trim())
              .filter(Boolean),
          )
        }
      />
    );
  }
  return (
    <span className="flex flex-wrap gap-x-3 gap-y-1">
      {options.map(({ id, label }) => (
        <label key={id} className="inline-flex items-center gap-1.5">
          <input
            type="checkbox"
            checked={value.includes(id)}
            onChange={() =>
              onChange(value.includes(id) ? value.filter((one) => one !== id) : [...value, id])
            }
            className="size-4 accent-[var(--accent)]"
          />
          {label}
        </label>
      ))}
    </span>
  );
}

interface Option {
  id: string;
  label: string;
}

/** The values to choose from; null when they are typed. */
function useOptions(field: string, word: ValueProps['word']): Option[] | null {
  const people = usePeople();
  const teams = useTeams();
  const pipelines = usePipelines();
  const words = describeViewField(field).words.map((id) => ({ id, label: word('words', id) }));
  const named = (list: { id: string; name: string }[] | undefined): Option[] =>
    (list ?? []).map(({ id, name }) => ({ id, label: name }));
  if (field === 'assignee') return [...words, ...named(people.data)];
  if (field === 'team') return [...words, ...named(teams.data)];
  if (field === 'pipeline') return named(pipelines.data);
  if (field === 'status') return named(pipelines.data?.flatMap((one) => one.statuses));
  return words.length > 0 ? words : null;
}
