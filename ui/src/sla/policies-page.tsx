// The list of SLA policies in their order: the first that fits rules a ticket. Rows are moved by their handle, with a finger, a mouse or arrow keys.
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Badge, Empty, Failure, Skeleton } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { MoveHandle, rowAt } from '../components/move-handle.tsx';
import { SettingsFrame, useMayChange } from './frame.tsx';
import { moved } from './order.ts';
import { usePolicies } from './queries.ts';
import type { Policy } from './types.ts';
import { useSaveOrder } from './use-save-order.ts';
import { useSlaWords } from './words.ts';

export function PoliciesPage() {
  const { t } = useTranslation();
  const policies = usePolicies();
  const mayChange = useMayChange() === true;
  const [order, setOrder] = useState<string[] | null>(null);
  const [said, setSaid] = useState('');
  const saved = (policies.data ?? []).toSorted((a, b) => a.position - b.position);
  const place = new Map(order?.map((id, index) => [id, index]));
  const shown =
    order === null
      ? saved
      : saved.toSorted((a, b) => (place.get(a.id) ?? Infinity) - (place.get(b.id) ?? Infinity));
  const changed = shown.some(({ id }, index) => saved[index]?.id !== id);
  const save = useSaveOrder(() => setOrder(null));
  const move = (from: number, to: number): void => {
    const one = shown[from];
    if (one === undefined || to < 0 || to >= shown.length || from === to) return;
    setOrder(moved(shown, from, to).map(({ id }) => id));
    setSaid(t('slaAdmin.moved', { name: one.name, place: to + 1, count: shown.length }));
  };
  return (
    <SettingsFrame
      title={t('slaAdmin.policies')}
      hint={t('slaAdmin.policiesHint')}
      acts={
        mayChange ? (
          <Link
            to="/settings/sla-policies/$policyId"
            params={{ policyId: 'new' }}
            className="inline-flex h-9 items-center gap-1.5 rounded-md bg-accent px-3 font-medium text-on-accent hover:brightness-95"
          >
            <Plus size={15} aria-hidden="true" />
            {t('slaAdmin.newPolicy')}
          </Link>
        ) : null
      }
    >
      <p aria-live="assertive" className="sr-only">
        {said}
      </p>
      {policies.isError ? (
        <Failure error={policies.error} again={() => void policies.refetch()} />
      ) : null}
      {policies.isPending ? <Skeleton lines={6} /> : null}
      {policies.data?.length === 0 ? (
        <Empty title={t('slaAdmin.noPolicies')}>{t('slaAdmin.noPoliciesHint')}</Empty>
      ) : null}
      <Rows policies={shown} move={mayChange ? move : null} />
      {changed ? (
        <div
          role="status"
          className="sticky bottom-4 flex flex-wrap items-center gap-2 rounded-lg border border-line bg-raised p-3 shadow-lg"
        >
          <span className="flex-1">{t('slaAdmin.orderChanged')}</span>
          <Button onClick={() => setOrder(null)}>{t('common.undo')}</Button>
          <Button kind="primary" busy={save.isPending} onClick={() => save.mutate(shown)}>
            {t('slaAdmin.saveOrder')}
          </Button>
        </div>
      ) : null}
    </SettingsFrame>
  );
}

function Rows({
  policies,
  move,
}: {
  policies: Policy[];
  move: ((from: number, to: number) => void) | null;
}) {
  const { t } = useTranslation();
  const list = useRef<HTMLOListElement>(null);
  return (
    <ol ref={list} className="flex flex-col gap-2">
      {policies.map((policy, index) => (
        <Row
          key={policy.id}
          policy={policy}
          number={index + 1}
          handle={
            move === null ? null : (
              <MoveHandle
                label={t('slaAdmin.move', { name: policy.name })}
                onStep={(by) => move(index, index + by)}
                onDrag={(y) => {
                  const over = rowAt(list.current, y);
                  if (over !== -1) move(index, over);
                }}
              />
            )
          }
        />
      ))}
    </ol>
  );
}

function Row({ policy, number, handle }: { policy: Policy; number: number; handle: ReactNode }) {
  const { t } = useTranslation();
  const words = useSlaWords();
  const steps = policy.escalations.length;
  const facts = [
    ...words.goals(policy.goals),
    words.calendar(policy.calendarId),
    ...(steps === 0 ? [] : [t('slaAdmin.steps', { count: steps })]),
  ];
  return (
    <li className="flex gap-1 rounded-lg border border-line bg-raised p-1.5">
      {handle}
      <Link
        to="/settings/sla-policies/$policyId"
        params={{ policyId: policy.id }}
        className="min-w-0 flex-1 rounded-md px-2 py-1.5 hover:bg-sunken"
      >
        <span className="flex flex-wrap items-center gap-x-2">
          <span className="text-soft tabular-nums">{number}</span>
          <span className="font-medium">{policy.name}</span>
          <Badge>{t('slaAdmin.version', { version: policy.version })}</Badge>
        </span>
        <span className="block break-words first-letter:uppercase">
          {words.conditions(policy.conditions)}
        </span>
        <span className="block text-[13px] text-soft">{facts.join(' · ')}</span>
      </Link>
    </li>
  );
}
