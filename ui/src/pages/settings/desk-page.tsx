// The settings of the desk, grouped in plain words; what was changed is saved, the rest stays as it is by then.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import type { DeskSettings } from '#domain/desk.ts';
import { call } from '../../api/client.ts';
import { Failure, Skeleton } from '../../components/bits.tsx';
import { AskBeforeLeaving } from '../../sla/ask-before-leaving.tsx';
import { FoundDraft } from '../../sla/found-draft.tsx';
import { SettingsFrame, useMayChange } from '../../sla/frame.tsx';
import { useDraft } from '../../sla/draft.ts';
import { errorsAt } from '../../sla/use-save.ts';
import { DeskFields } from './desk-fields.tsx';
import { autoCloseFault } from './parts/auto-close-fields.tsx';
import { Bar } from './parts/save-bar.tsx';

const PATH = '/api/v1/settings';

export function DeskPage() {
  const { t } = useTranslation();
  const settings = useQuery({
    queryKey: ['settings'],
    queryFn: () => call<DeskSettings>('GET', PATH),
  });
  return (
    <SettingsFrame needs="settings.desk" title={t('admin.pages.desk')} hint={t('admin.hints.desk')}>
      {settings.isError ? (
        <Failure error={settings.error} again={() => void settings.refetch()} />
      ) : null}
      {settings.isPending ? <Skeleton lines={10} /> : null}
      {settings.data === undefined ? null : <Form saved={settings.data} />}
    </SettingsFrame>
  );
}

function Form({ saved }: { saved: DeskSettings }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const mayChange = useMayChange('settings.desk') === true;
  // Only what was touched is kept: what somebody else changes meanwhile shows through, and is not taken back.
  const { draft, found, edit, drop, isUnsaved } = useDraft<Partial<DeskSettings>>(
    'desk settings',
    {},
    0,
  );
  const settings = { ...saved, ...draft.content };
  const names = Object.keys(draft.content) as (keyof DeskSettings)[];
  const touched = names.filter(
    (name) => JSON.stringify(settings[name]) !== JSON.stringify(saved[name]),
  );
  const save = useMutation({
    mutationFn: () =>
      call<DeskSettings>('PATCH', PATH, {
        body: Object.fromEntries(touched.map((name) => [name, settings[name]])),
      }),
    onSuccess: (now) => {
      client.setQueryData(['settings'], now);
      drop();
      toast.success(t('admin.desk.saved'));
    },
  });
  const autoClose = autoCloseFault(settings.autoClose);
  const unreadable = Number.isNaN(settings.awayReassign.afterSeconds);
  const faults = [
    ...(autoClose === null ? [] : [t(autoClose)]),
    ...(unreadable ? [t('slaAdmin.durationFault')] : []),
  ];
  return (
    <>
      <FoundDraft shown={found && touched.length > 0} onDrop={drop} />
      <fieldset disabled={!mayChange} className="flex min-w-0 flex-col gap-4">
        <DeskFields settings={settings} edit={edit} errorAt={errorsAt(save.error)} />
      </fieldset>
      {touched.length > 0 ? <AskBeforeLeaving isUnsaved={isUnsaved} onDrop={drop} /> : null}
      {mayChange ? (
        <Bar
          {...{ faults, error: save.error, busy: save.isPending, changed: touched.length > 0 }}
          onSave={() => save.mutate()}
          onDrop={() => {
            save.reset();
            drop();
          }}
        />
      ) : null}
    </>
  );
}
