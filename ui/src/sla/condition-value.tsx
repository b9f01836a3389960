// The value of one condition: picked where the desk knows all there are, typed elsewhere.
import { useQuery } from '@tanstack/react-query';
import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Condition } from '#domain/desk.ts';
import { call } from '../api/client.ts';
import { usePeople, usePipelines, useTeams } from '../api/queries.ts';
import type { Page } from '../api/types.ts';
import { Button } from '../components/button.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { Picker } from '../components/picker.tsx';
import { PRIORITIES } from '../tickets/labels.tsx';
import { useChannels } from './queries.ts';
import { valuesOf } from './words.ts';

interface Option {
  id: string;
  label: string;
}
const KINDS = ['email', 'api', 'form'] as const;

/** What a field can be, where the desk knows all of it; null for fields of free text. */
function useOptions(field: string): Option[] | null {
  const { t } = useTranslation();
  const teams = useTeams();
  const people = usePeople();
  const pipelines = usePipelines();
  const channels = useChannels();
  const companies = useQuery({
    queryKey: ['companies', 'first'],
    queryFn: () =>
      call<Page<{ id: string; name: string }>>('GET', '/api/v1/companies', {
        query: { limit: 100 },
      }),
    enabled: field === 'companyId',
  });
  const named = (list: readonly { id: string; name: string }[] | undefined): Option[] =>
    (list ?? []).map(({ id, name }) => ({ id, label: name }));
  switch (field) {
    case 'priority':
      return PRIORITIES.map((id) => ({ id, label: t(`ticket.priorities.${id}`) }));
    case 'teamId':
      return named(teams.data);
    case 'assigneeId':
      return named(people.data);
    case 'pipelineId':
      return named(pipelines.data);
    case 'companyId':
      return named(companies.data?.items);
    case 'status':
      return uniqueById(named(pipelines.data?.flatMap(({ statuses }) => statuses)));
    case 'channel':
      return KINDS.map((id) => ({ id, label: t(`slaAdmin.channelKinds.${id}`) }));
    case 'mailbox':
      return (channels.data ?? []).flatMap(({ address }) =>
        address === null ? [] : [{ id: address, label: address }],
      );
    default:
      return null;
  }
}

/** Statuses of several pipelines may share an id; policies know them by it. */
export const uniqueById = <T extends { id: string }>(list: readonly T[]): T[] => [
  ...new Map(list.map((one) => [one.id, one])).values(),
];

export function ConditionValue({
  condition,
  several,
  error,
  onChange,
}: {
  condition: Condition;
  several: boolean;
  error: string | undefined;
  onChange: (value: string | string[]) => void;
}) {
  const { t } = useTranslation();
  const options = useOptions(condition.field);
  const values = valuesOf(condition);
  const known = new Set(options?.map(({ id }) => id));
  const strangers = values.filter((id) => id !== '' && !known.has(id));
  // A value that the desk does not know (any more) stays to be seen.
  const all = [...(options ?? []), ...strangers.map((id) => ({ id, label: id }))];
  if (options === null)
    return several ? (
      <TypedList values={values} error={error} onChange={onChange} />
    ) : (
      <TextField
        quiet
        label={t('slaAdmin.value')}
        placeholder={t('slaAdmin.value')}
        maxLength={1_000}
        value={values[0] ?? ''}
        error={error}
        onChange={({ target }) => onChange(target.value)}
      />
    );
  if (several) return <PickedList options={all} values={values} onChange={onChange} />;
  return (
    <SelectField
      quiet
      label={t('slaAdmin.value')}
      value={values[0] ?? ''}
      error={error}
      onChange={({ target }) => onChange(target.value)}
    >
      <option value="">{t('slaAdmin.choose')}</option>
      {all.map(({ id, label }) => (
        <option key={id} value={id}>
          {label}
        </option>
      ))}
    </SelectField>
  );
}

function PickedList({
  options,
  values,
  onChange,
}: {
  options: Option[];
  values: string[];
  onChange: (values: string[]) => void;
}) {
  const { t } = useTranslation();
  const labels = options.filter(({ id }) => values.includes(id)).map(({ label }) => label);
  return (
    <Picker
      several
      label={t('slaAdmin.values')}
      choices={options}
      chosen={values}
      onChoose={(id) =>
        onChange(values.includes(id) ? values.filter((one) => one !== id) : [...values, id])
      }
      trigger={
        <Button className="w-full !justify-between font-normal">
          <span className="truncate">
            {labels.length === 0 ? t('slaAdmin.choose') : labels.join(', ')}
          </span>
          <ChevronDown size={14} aria-hidden="true" />
        </Button>
      }
    />
  );
}

/** Several values of free text; the text stays as it is typed, commas and all. */
function TypedList({
  values,
  error,
  onChange,
}: {
  values: string[];
  error: string | undefined;
  onChange: (values: string[]) => void;
}) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(values.join(', '));
  const read = (text: string): string[] =>
    text
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '');
  const text = read(typed).join() === values.join() ? typed : values.join(', ');
  return (
    <TextField
      quiet
      label={t('slaAdmin.values')}
      hint={t('slaAdmin.valuesHint')}
      maxLength={5_000}
      value={text}
      error={error}
      onChange={({ target }) => {
        setTyped(target.value);
        onChange(read(target.value));
      }}
    />
  );
}
