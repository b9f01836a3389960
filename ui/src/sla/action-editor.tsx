// One action of a step: what it is, and to whom or what.
import { useTranslation } from 'react-i18next';
import type { EscalationActionDefinition, Priority } from '#domain/desk.ts';
import { usePeople, usePipelines, useTeams } from '../api/queries.ts';
import { SelectField, TextArea, TextField } from '../components/field.tsx';
import { PRIORITIES } from '../tickets/labels.tsx';
import { uniqueById } from './condition-value.tsx';

type Action = EscalationActionDefinition;
const KINDS = [
  ...(['notifyAssignee', 'notifyTeamLeads', 'notifyTeam', 'notifyUser', 'notifyEmail'] as const),
  ...(['notifyWebhook', 'reassignTeam', 'reassignUser', 'raisePriority', 'setStatus'] as const),
  ...(['addTag', 'postNote'] as const),
];
type Kind = (typeof KINDS)[number];

function kindOf(action: Action): Kind {
  if (action.type === 'notify') {
    const { to } = action;
    if (to === 'assignee') return 'notifyAssignee';
    if (to === 'teamLeads') return 'notifyTeamLeads';
    if (to === 'team') return 'notifyTeam';
    if ('userId' in to) return 'notifyUser';
    return 'email' in to ? 'notifyEmail' : 'notifyWebhook';
  }
  if (action.type !== 'reassign') return action.type;
  return 'teamId' in action.to ? 'reassignTeam' : 'reassignUser';
}

const BLANKS: Record<Kind, Action> = {
  notifyAssignee: { type: 'notify', to: 'assignee' },
  notifyTeamLeads: { type: 'notify', to: 'teamLeads' },
  notifyTeam: { type: 'notify', to: 'team' },
  notifyUser: { type: 'notify', to: { userId: '' } },
  notifyEmail: { type: 'notify', to: { email: '' } },
  notifyWebhook: { type: 'notify', to: { webhookUrl: '' } },
  reassignTeam: { type: 'reassign', to: { teamId: '' } },
  reassignUser: { type: 'reassign', to: { userId: '' } },
  raisePriority: { type: 'raisePriority' },
  setStatus: { type: 'setStatus', status: '' },
  addTag: { type: 'addTag', tag: '' },
  postNote: { type: 'postNote', body: '' },
};

interface Props {
  action: Action;
  errorUnder: () => string | undefined;
  onChange: (action: Action) => void;
}

export function ActionEditor({ action, errorUnder, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <div className="grid min-w-0 flex-1 gap-2 sm:grid-cols-[14rem_1fr]">
      <SelectField
        quiet
        label={t('slaAdmin.action')}
        value={kindOf(action)}
        onChange={({ target }) => onChange(BLANKS[target.value as Kind])}
      >
        {KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {t(`slaAdmin.actionTypes.${kind}`)}
          </option>
        ))}
      </SelectField>
      <Target action={action} error={errorUnder()} onChange={onChange} />
    </div>
  );
}

interface TargetProps {
  action: Action;
  error: string | undefined;
  onChange: (action: Action) => void;
}

function Target({ action, error, onChange }: TargetProps) {
  const { t } = useTranslation();
  const shared = { quiet: true, error };
  switch (action.type) {
    case 'notify':
    case 'reassign':
      return <PersonOrPlace action={action} error={error} onChange={onChange} />;
    case 'raisePriority':
      return (
        <SelectField
          {...shared}
          label={t('ticket.priority')}
          value={action.to ?? ''}
          onChange={({ target }) =>
            onChange({
              type: 'raisePriority',
              ...(target.value === '' ? {} : { to: target.value as Priority }),
            })
          }
        >
          <option value="">{t('slaAdmin.oneLevel')}</option>
          {PRIORITIES.map((one) => (
            <option key={one} value={one}>
              {t('slaAdmin.toPriority')} {t(`ticket.priorities.${one}`)}
            </option>
          ))}
        </SelectField>
      );
    case 'setStatus':
      return <StatusChoice status={action.status} error={error} onChange={onChange} />;
    case 'addTag':
      return (
        <TextField
          {...shared}
          label={t('slaAdmin.tag')}
          placeholder={t('slaAdmin.tag')}
          maxLength={100}
          value={action.tag}
          onChange={({ target }) => onChange({ type: 'addTag', tag: target.value })}
        />
      );
    case 'postNote':
      return (
        <TextArea
          {...shared}
          label={t('slaAdmin.note')}
          placeholder={t('slaAdmin.note')}
          rows={2}
          maxLength={10_000}
          value={action.body}
          onChange={({ target }) => onChange({ type: 'postNote', body: target.value })}
        />
      );
  }
}

function PersonOrPlace({
  action,
  error,
  onChange,
}: TargetProps & { action: Extract<Action, { type: 'notify' | 'reassign' }> }) {
  const { t } = useTranslation();
  const people = usePeople();
  const teams = useTeams();
  const { type, to } = action;
  if (typeof to === 'string') return null;
  const shared = { quiet: true, error };
  if ('email' in to)
    return (
      <TextField
        {...shared}
        type="email"
        label={t('slaAdmin.email')}
        placeholder="ops@example.org"
        maxLength={320}
        value={to.email}
        onChange={({ target }) => onChange({ type: 'notify', to: { email: target.value } })}
      />
    );
  if ('webhookUrl' in to)
    return (
      <TextField
        {...shared}
        type="url"
        label={t('slaAdmin.webhookUrl')}
        placeholder="https://example.org/hook"
        maxLength={2_000}
        value={to.webhookUrl}
        onChange={({ target }) => onChange({ type: 'notify', to: { webhookUrl: target.value } })}
      />
    );
  const isTeam = 'teamId' in to;
  const list = isTeam ? teams.data : people.data?.filter(({ active }) => active);
  const change = (id: string): void => {
    if (isTeam) onChange({ type: 'reassign', to: { teamId: id } });
    else onChange({ type, to: { userId: id } });
  };
  return (
    <SelectField
      {...shared}
      label={t(isTeam ? 'ticket.team' : 'slaAdmin.person')}
      value={isTeam ? to.teamId : to.userId}
      onChange={({ target }) => change(target.value)}
    >
      <option value="">{t('slaAdmin.choose')}</option>
      {(list ?? []).map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}

function StatusChoice({
  status,
  error,
  onChange,
}: {
  status: string;
  error: string | undefined;
  onChange: (action: Action) => void;
}) {
  const { t } = useTranslation();
  const pipelines = usePipelines();
  const statuses = uniqueById(pipelines.data?.flatMap((one) => one.statuses) ?? []);
  return (
    <SelectField
      quiet
      label={t('ticket.status')}
      error={error}
      value={status}
      onChange={({ target }) => onChange({ type: 'setStatus', status: target.value })}
    >
      <option value="">{t('slaAdmin.choose')}</option>
      {statuses.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
