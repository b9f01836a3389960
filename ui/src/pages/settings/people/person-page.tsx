// The editor of somebody: who they are, how much they take, what they know, when they work, and when they are away.
import { useNavigate, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useAll } from '../../../api/queries.ts';
import { Failure, Skeleton } from '../../../components/bits.tsx';
import { TextField } from '../../../components/field.tsx';
import { isUnreadable } from '../../../sla/spans-field.tsx';
import { FoundDraft } from '../../../sla/found-draft.tsx';
import { Section, SettingsFrame, useMayChange } from '../../../sla/frame.tsx';
import { NumberField, Tick } from '../parts/fields.tsx';
import { SaveBar } from '../parts/save-bar.tsx';
import { SkillsEditor } from '../parts/skills-editor.tsx';
import { useEditor } from '../parts/use-editor.ts';
import type { Editor } from '../parts/use-editor.ts';
import { USERS } from '../types.ts';
import type { AdminUser } from '../types.ts';
import { HoursSection } from './hours-section.tsx';
import { NowSection } from './now-section.tsx';
import { RoleFields } from './role-fields.tsx';
import { OutOfOffice } from './out-of-office.tsx';
import { contentOf, NEW_PERSON } from './person-content.ts';
import type { PersonContent } from './person-content.ts';

const KINDS = ['email', 'api', 'form'] as const;
const MOST = 10_000;

export function PersonPage() {
  const { t } = useTranslation();
  const { userId } = useParams({ from: '/desk/settings/people/$userId' });
  const users = useAll<AdminUser>(USERS);
  const user = users.data?.find(({ id }) => id === userId);
  const isNew = userId === 'new';
  return (
    <SettingsFrame
      needs="settings.people"
      title={isNew ? t('admin.people.new') : (user?.name ?? '…')}
      back={{ to: '/settings/people', label: t('admin.pages.people') }}
    >
      {users.isError ? <Failure error={users.error} again={() => void users.refetch()} /> : null}
      {users.isPending ? <Skeleton lines={8} /> : null}
      {user === undefined ? null : <NowSection user={user} />}
      {isNew || user !== undefined ? (
        <Form
          key={userId}
          id={user?.id ?? null}
          version={user?.version ?? 0}
          saved={user === undefined ? NEW_PERSON : contentOf(user)}
        />
      ) : null}
    </SettingsFrame>
  );
}

function Form({
  id,
  version,
  saved,
}: {
  id: string | null;
  version: number;
  saved: PersonContent;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayChange = useMayChange('settings.people') === true;
  const editor = useEditor<PersonContent>({
    ...{ path: USERS, id, saved, version },
    // The switch and leaving have acts of their own: what is saved here leaves them as they are by now.
    bodyOf: (content) => ({
      ...content,
      ...{ availability: saved.availability, active: saved.active },
    }),
    onMade: (userId) => void navigate({ to: '/settings/people/$userId', params: { userId } }),
  });
  const { content } = editor.draft;
  const { workingHours } = content;
  const unreadable =
    workingHours !== null &&
    workingHours.hours !== 'always' &&
    Object.values(workingHours.hours).some(isUnreadable);
  const faults = [
    ...(content.name.trim() === '' ? [t('admin.nameNeeded')] : []),
    ...(unreadable ? [t('slaAdmin.spansFault')] : []),
  ];
  return (
    <>
      <FoundDraft shown={editor.found && editor.changed} onDrop={editor.drop} />
      <fieldset disabled={!mayChange} className="flex min-w-0 flex-col gap-4">
        <Who editor={editor} />
        <Capacity editor={editor} />
        <Section title={t('admin.people.skills')} hint={t('admin.people.skillsHint')}>
          <SkillsEditor
            label={t('admin.people.skills')}
            skills={content.skills}
            levels={content.skillLevels}
            error={editor.errorAt('/skills')}
            onChange={(skills, skillLevels) => editor.edit({ skills, skillLevels })}
          />
        </Section>
        <HoursSection
          {...{ id, saved: saved.workingHours, hours: workingHours, unreadable }}
          errorAt={(pointer) => editor.errorAt(`/workingHours${pointer}`)}
          onChange={(hours) => editor.edit({ workingHours: hours })}
        />
      </fieldset>
      <SaveBar {...{ editor, faults }} kind="user" />
      {id === null ? null : <OutOfOffice userId={id} />}
    </>
  );
}

function Who({ editor }: { editor: Editor<PersonContent> }) {
  const { t } = useTranslation();
  const { content } = editor.draft;
  return (
    <Section title={t('admin.people.who')}>
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          required
          label={t('admin.name')}
          maxLength={200}
          value={content.name}
          error={editor.errorAt('/name')}
          onChange={({ target }) => editor.edit({ name: target.value })}
        />
        <TextField
          required
          type="email"
          label={t('admin.email')}
          maxLength={320}
          value={content.email}
          error={editor.errorAt('/email')}
          onChange={({ target }) => editor.edit({ email: target.value })}
        />
        <RoleFields editor={editor} />
        <div className="sm:pt-7">
          <Tick
            label={t('admin.people.seat')}
            checked={content.seat}
            onChange={(seat) => editor.edit({ seat })}
          />
        </div>
      </div>
    </Section>
  );
}

function Capacity({ editor }: { editor: Editor<PersonContent> }) {
  const { t } = useTranslation();
  const { capacity, channelCapacity } = editor.draft.content;
  return (
    <Section title={t('admin.people.capacity')} hint={t('admin.people.capacityHint')}>
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
        <NumberField
          label={t('admin.people.total')}
          max={MOST}
          value={capacity}
          error={editor.errorAt('/capacity')}
          onChange={(value) => editor.edit({ capacity: value })}
        />
        {KINDS.map((kind) => (
          <NumberField
            key={kind}
            label={t('admin.people.perChannel', {
              channel: t(`admin.incoming.channels.${kind}`),
            })}
            max={MOST}
            value={channelCapacity[kind] ?? null}
            error={editor.errorAt(`/channelCapacity/${kind}`)}
            onChange={(value) => {
              const { [kind]: _before, ...others } = channelCapacity;
              editor.edit({
                channelCapacity: value === null ? others : { ...others, [kind]: value },
              });
            }}
          />
        ))}
      </div>
    </Section>
  );
}
