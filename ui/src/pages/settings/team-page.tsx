// The editor of a team: its name, how it hands out tickets, and its members with their parts.
import { useNavigate, useParams } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ROUTING_STRATEGIES } from '#domain/routing.ts';
import type { RoutingStrategy } from '#domain/routing.ts';
import { useAll, usePeople } from '../../api/queries.ts';
import { Avatar, Failure, Skeleton } from '../../components/bits.tsx';
import { Button, IconButton } from '../../components/button.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { Picker } from '../../components/picker.tsx';
import { FoundDraft } from '../../sla/found-draft.tsx';
import { Section, SettingsFrame, useMayChange } from '../../sla/frame.tsx';
import { RemoveButton } from '../../sla/remove-button.tsx';
import { Tick } from './parts/fields.tsx';
import { SaveBar } from './parts/save-bar.tsx';
import { useEditor } from './parts/use-editor.ts';
import { TEAMS } from './types.ts';
import type { AdminTeam } from './types.ts';

type Content = Pick<AdminTeam, 'name' | 'strategy' | 'members'>;
const NEW: Content = { name: '', strategy: 'roundRobin', members: [] };

export function TeamPage() {
  const { t } = useTranslation();
  const { teamId } = useParams({ from: '/desk/settings/teams/$teamId' });
  const teams = useAll<AdminTeam>(TEAMS);
  const navigate = useNavigate();
  const team = teams.data?.find(({ id }) => id === teamId);
  const isNew = teamId === 'new';
  return (
    <SettingsFrame
      needs="settings.people"
      title={isNew ? t('admin.teams.new') : (team?.name ?? '…')}
      back={{ to: '/settings/teams', label: t('admin.pages.teams') }}
      acts={
        team === undefined ? null : (
          <RemoveButton
            needs="settings.people"
            {...{ path: TEAMS, id: team.id, name: team.name }}
            hint={t('admin.teams.removeHint')}
            onRemoved={() => void navigate({ to: '/settings/teams' })}
          />
        )
      }
    >
      {teams.isError ? <Failure error={teams.error} again={() => void teams.refetch()} /> : null}
      {teams.isPending ? <Skeleton lines={6} /> : null}
      {isNew || team !== undefined ? (
        <Form
          key={teamId}
          id={team?.id ?? null}
          version={team?.version ?? 0}
          saved={
            team === undefined
              ? NEW
              : { name: team.name, strategy: team.strategy, members: team.members }
          }
        />
      ) : null}
    </SettingsFrame>
  );
}

function Form({ id, version, saved }: { id: string | null; version: number; saved: Content }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayChange = useMayChange('settings.people') === true;
  const editor = useEditor<Content>({
    ...{ path: TEAMS, id, saved, version, bodyOf: (content) => content },
    onMade: (teamId) => void navigate({ to: '/settings/teams/$teamId', params: { teamId } }),
  });
  const { content } = editor.draft;
  return (
    <>
      <FoundDraft shown={editor.found && editor.changed} onDrop={editor.drop} />
      <fieldset disabled={!mayChange} className="flex min-w-0 flex-col gap-4">
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField
            required
            label={t('admin.name')}
            maxLength={200}
            value={content.name}
            error={editor.errorAt('/name')}
            onChange={({ target }) => editor.edit({ name: target.value })}
          />
          <SelectField
            label={t('admin.teams.strategy')}
            value={content.strategy}
            onChange={({ target }) => editor.edit({ strategy: target.value as RoutingStrategy })}
          >
            {ROUTING_STRATEGIES.map((one) => (
              <option key={one} value={one}>
                {t(`admin.teams.strategies.${one}`)}
              </option>
            ))}
          </SelectField>
        </div>
        <Section title={t('admin.teams.members')} hint={t('admin.teams.membersHint')}>
          <Members members={content.members} onChange={(members) => editor.edit({ members })} />
        </Section>
      </fieldset>
      <SaveBar
        editor={editor}
        kind="team"
        faults={content.name.trim() === '' ? [t('admin.nameNeeded')] : []}
      />
    </>
  );
}

type Member = AdminTeam['members'][number];

function Members({
  members,
  onChange,
}: {
  members: Member[];
  onChange: (members: Member[]) => void;
}) {
  const { t } = useTranslation();
  const people = usePeople();
  const nameOf = (userId: string): string =>
    people.data?.find(({ id }) => id === userId)?.name ?? '…';
  const change = (userId: string, more: Partial<Member>): void =>
    onChange(members.map((one) => (one.userId === userId ? { ...one, ...more } : one)));
  const others = (people.data ?? []).filter(
    ({ id, active }) => active && !members.some(({ userId }) => userId === id),
  );
  return (
    <div className="flex flex-col gap-3">
      {members.length === 0 ? <p className="text-soft">{t('admin.teams.noMembers')}</p> : null}
      <ul className="flex flex-col divide-y divide-line empty:hidden">
        {members.map(({ userId, main, lead }) => {
          const name = nameOf(userId);
          return (
            <li key={userId} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2">
              <span className="flex min-w-0 flex-1 basis-40 items-center gap-2 max-sm:basis-full">
                <Avatar name={name} size={24} />
                <bdi className="truncate">{name}</bdi>
              </span>
              <Tick
                label={
                  <Part short={t('admin.teams.main')} long={t('admin.teams.mainOf', { name })} />
                }
                checked={main}
                onChange={(on) => change(userId, { main: on })}
              />
              <Tick
                label={
                  <Part short={t('admin.teams.lead')} long={t('admin.teams.leadOf', { name })} />
                }
                checked={lead}
                onChange={(on) => change(userId, { lead: on })}
              />
              <IconButton
                label={t('admin.teams.removeMember', { name })}
                onClick={() => onChange(members.filter((one) => one.userId !== userId))}
              >
                <X size={15} aria-hidden="true" />
              </IconButton>
            </li>
          );
        })}
      </ul>
      <div>
        <Picker
          label={t('admin.teams.add')}
          chosen={[]}
          choices={others.map(({ id, name, email }) => ({ id, label: name, words: email }))}
          onChoose={(userId) => onChange([...members, { userId, main: true, lead: false }])}
          trigger={<Button small>{t('admin.teams.add')}</Button>}
        />
      </div>
    </div>
  );
}

/** A short word, with the whole of it for who hears the page. */
function Part({ short, long }: { short: string; long: string }) {
  return (
    <>
      <span aria-hidden="true">{short}</span>
      <span className="sr-only">{long}</span>
    </>
  );
}
