// Two versions side by side, as the difference between them in words.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { Failure, Skeleton } from '../components/bits.tsx';
import { Dialog } from '../components/dialog.tsx';
import { SelectField } from '../components/field.tsx';
import { ChangeList } from './change-list.tsx';
import { changesBetween, useChangeWords } from './changes.ts';
import type { VersionedThing } from './types.ts';

export function CompareDialog({
  thing,
  from,
  onClose,
}: {
  thing: VersionedThing;
  from: number | null;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Dialog open={from !== null} onClose={onClose} title={t('slaAdmin.compareTitle')}>
      {from === null ? null : <Inside key={from} thing={thing} from={from} />}
    </Dialog>
  );
}

const useVersion = ({ path, id }: VersionedThing, version: number) =>
  useQuery({
    queryKey: ['version', path, id, version],
    queryFn: () => call<object>('GET', `${path}/${id}/versions/${version}`),
    // A version never changes.
    staleTime: Infinity,
  });

function Inside({ thing, from }: { thing: VersionedThing; from: number }) {
  const { t } = useTranslation();
  const words = useChangeWords();
  const [before, setBefore] = useState(from);
  const [after, setAfter] = useState(thing.present);
  const one = useVersion(thing, before);
  const other = useVersion(thing, after);
  const error = one.error ?? other.error;
  const lines =
    one.data === undefined || other.data === undefined
      ? null
      : words(changesBetween(one.data, other.data));
  const all = Array.from({ length: thing.present }, (_, index) => thing.present - index);
  const choice = (label: string, value: number, choose: (version: number) => void) => (
    <SelectField
      label={label}
      value={value}
      onChange={({ target }) => choose(Number(target.value))}
    >
      {all.map((version) => (
        <option key={version} value={version}>
          {t('slaAdmin.version', { version })}
        </option>
      ))}
    </SelectField>
  );
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-2 gap-3">
        {choice(t('slaAdmin.compareFrom'), before, setBefore)}
        {choice(t('slaAdmin.compareTo'), after, setAfter)}
      </div>
      {error === null ? null : <Failure error={error} />}
      {lines === null && error === null ? <Skeleton lines={3} /> : null}
      {lines?.length === 0 ? <p className="text-soft">{t('slaAdmin.noDifference')}</p> : null}
      {lines === null ? null : <ChangeList lines={lines} />}
    </div>
  );
}
