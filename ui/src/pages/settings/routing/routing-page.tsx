// The routing rules in their order: the first that fits takes a new ticket. Moved by handle or buttons, put in and out of use, tried before they are saved.
import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowDown, ArrowUp, CircleHelp, Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Badge, Empty, Failure, Skeleton } from '../../../components/bits.tsx';
import { Button, IconButton } from '../../../components/button.tsx';
import { MoveHandle, rowAt } from '../../../components/move-handle.tsx';
import { cx } from '../../../lib/class-names.ts';
import { durationText } from '../../../sla/durations.ts';
import { FoundDraft } from '../../../sla/found-draft.tsx';
import { SettingsFrame, useMayChange } from '../../../sla/frame.tsx';
import { moved } from '../../../sla/order.ts';
import { useSlaWords } from '../../../sla/words.ts';
import { Switch } from '../parts/fields.tsx';
import { PLAIN_LINK } from '../parts/rows.ts';
import type { Rule } from '../types.ts';
import { isNew, useRulesDraft } from './rules-draft.ts';
import type { RulesDraft } from './rules-draft.ts';
import { RulesBar } from './rules-bar.tsx';

export function RoutingPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayChange = useMayChange('settings.routing') === true;
  const draft = useRulesDraft();
  const add = (): void =>
    void navigate({ to: '/settings/routing/$ruleId', params: { ruleId: draft.add() } });
  return (
    <SettingsFrame
      needs="settings.routing"
      title={t('admin.pages.routing')}
      hint={t('admin.hints.routing')}
      acts={
        <>
          <Link to="/settings/routing/explain" className={PLAIN_LINK}>
            <CircleHelp size={15} aria-hidden="true" />
            {t('admin.routing.explain')}
          </Link>
          {mayChange ? (
            <Button kind="primary" onClick={add}>
              <Plus size={15} aria-hidden="true" />
              {t('admin.routing.new')}
            </Button>
          ) : null}
        </>
      }
    >
      {draft.loadError === null ? null : <Failure error={draft.loadError} again={draft.reload} />}
      {draft.saved === undefined && draft.loadError === null ? <Skeleton lines={6} /> : null}
      {draft.saved !== undefined && draft.rules.length === 0 ? (
        <Empty title={t('admin.routing.none')}>{t('admin.routing.noneHint')}</Empty>
      ) : null}
      <FoundDraft shown={draft.found && draft.changes > 0} onDrop={draft.drop} />
      <Rules draft={draft} mayChange={mayChange} />
      <RulesBar draft={draft} />
    </SettingsFrame>
  );
}

function Rules({ draft, mayChange }: { draft: RulesDraft; mayChange: boolean }) {
  const { t } = useTranslation();
  const list = useRef<HTMLOListElement>(null);
  const [said, setSaid] = useState('');
  const { rules } = draft;
  const move = (from: number, to: number): void => {
    const one = rules[from];
    if (one === undefined || to < 0 || to >= rules.length || from === to) return;
    draft.reorder(moved(rules, from, to).map(({ id }) => id));
    setSaid(t('admin.moved', { name: one.name, place: to + 1, count: rules.length }));
  };
  const takesAll = rules.findIndex((rule) => rule.enabled && rule.conditions.length === 0);
  return (
    <>
      <p aria-live="assertive" className="sr-only">
        {said}
      </p>
      <ol ref={list} className="flex flex-col gap-2">
        {rules.map((rule, index) => (
          <li
            key={rule.id}
            className="flex items-stretch gap-1 rounded-lg border border-line bg-raised p-1.5"
          >
            {mayChange ? (
              <MoveHandle
                label={t('admin.move', { name: rule.name })}
                onStep={(by) => move(index, index + by)}
                onDrag={(y) => {
                  const over = rowAt(list.current, y);
                  if (over !== -1) move(index, over);
                }}
              />
            ) : null}
            <RuleLink
              rule={rule}
              number={index + 1}
              touched={draft.changed.has(rule.id)}
              neverAsked={takesAll !== -1 && index > takesAll && rule.enabled}
            />
            <span className="flex shrink-0 items-center gap-1 ps-1">
              <span className="hidden sm:contents">
                <IconButton
                  label={t('admin.moveUp', { name: rule.name })}
                  disabled={!mayChange || index === 0}
                  onClick={() => move(index, index - 1)}
                >
                  <ArrowUp size={15} aria-hidden="true" />
                </IconButton>
                <IconButton
                  label={t('admin.moveDown', { name: rule.name })}
                  disabled={!mayChange || index === rules.length - 1}
                  onClick={() => move(index, index + 1)}
                >
                  <ArrowDown size={15} aria-hidden="true" />
                </IconButton>
              </span>
              <Switch
                label={t('admin.routing.enabled', { name: rule.name })}
                on={rule.enabled}
                disabled={!mayChange}
                onChange={(enabled) => draft.edit({ ...rule, enabled })}
              />
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

function RuleLink({
  rule,
  number,
  touched,
  neverAsked,
}: {
  rule: Rule;
  number: number;
  touched: boolean;
  neverAsked: boolean;
}) {
  const { t } = useTranslation();
  const words = useSlaWords();
  const { assign, fallback, requiredSkills, requiredLevels } = rule;
  const place = 'teamId' in assign ? words.team(assign.teamId) : words.person(assign.userId);
  const step = fallback.map(({ afterSeconds, to }) =>
    t('admin.routing.stepLine', {
      span: durationText(afterSeconds),
      what:
        to === 'team'
          ? t('admin.routing.toWhole')
          : t('admin.routing.toTeam', { team: words.team(to.teamId) }),
    }),
  );
  const skills = requiredSkills.map((name) => `${name} ${requiredLevels[name] ?? 1}`);
  return (
    <Link
      to="/settings/routing/$ruleId"
      params={{ ruleId: rule.id }}
      className={cx(
        'min-w-0 flex-1 rounded-md px-2 py-1 hover:bg-sunken',
        !rule.enabled && 'text-soft',
      )}
    >
      <span className="flex flex-wrap items-center gap-x-2">
        <span className="text-soft tabular-nums">{number}</span>
        <bdi className="font-medium break-words">
          {rule.name === '' ? t('admin.routing.new') : rule.name}
        </bdi>
        {rule.enabled ? null : <Badge>{t('admin.routing.off')}</Badge>}
        {isNew(rule.id) ? (
          <Badge tone="accent">{t('admin.routing.newBadge')}</Badge>
        ) : touched ? (
          <Badge tone="accent">{t('admin.routing.changedBadge')}</Badge>
        ) : null}
      </span>
      <span className="block break-words first-letter:uppercase">
        {words.conditions(rule.conditions)}{' '}
        <span className="text-soft">{t('admin.routing.to', { place })}</span>
      </span>
      {skills.length + step.length === 0 ? null : (
        <span className="block text-[13px] text-soft">{[...skills, ...step].join(' · ')}</span>
      )}
      {neverAsked ? (
        <span className="block text-[13px] text-warn">{t('admin.routing.neverAsked')}</span>
      ) : null}
    </Link>
  );
}
