// Where people are told of what until they choose otherwise: each tick holds at once, as in one's own settings.
import { useTranslation } from 'react-i18next';
import { Failure, Skeleton } from '../../components/bits.tsx';
import { useChooseWays, useNoticeSettings } from '../../notices/settings-queries.ts';
import { WaysTable } from '../../notices/ways-table.tsx';
import { SettingsFrame, useMayChange } from '../../sla/frame.tsx';

const NEEDS = 'settings.desk';

export function NoticeDefaultsPage() {
  const { t } = useTranslation();
  const mayChange = useMayChange(NEEDS) === true;
  const settings = useNoticeSettings('everybody');
  const choose = useChooseWays('everybody');
  return (
    <SettingsFrame
      needs={NEEDS}
      title={t('admin.pages.notifications')}
      hint={t('admin.hints.notifications')}
    >
      {settings.isPending ? <Skeleton lines={8} /> : null}
      {settings.isError && settings.data === undefined ? (
        <Failure error={settings.error} again={() => void settings.refetch()} />
      ) : null}
      {settings.data === undefined ? null : (
        <section
          aria-label={t('admin.pages.notifications')}
          className="max-w-xl rounded-lg border border-line bg-raised p-4"
        >
          <WaysTable
            {...{ choose, topics: settings.data.topics, own: false, disabled: !mayChange }}
            hint={t('notices.settings.defaultsHint')}
          />
        </section>
      )}
    </SettingsFrame>
  );
}
