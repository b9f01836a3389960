// Where one is told of what: topics by ways, and what this device does beside the page.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Failure, Skeleton } from '../components/bits.tsx';
import { Switch } from '../pages/settings/parts/fields.tsx';
import { chime } from './outside.ts';
import { useChooseWays, useNoticeSettings } from './settings-queries.ts';
import { askBrowser, browserPermission, chooseOnDevice, useDeviceChoice } from './this-device.ts';
import { WaysTable } from './ways-table.tsx';

export function NoticeSettings() {
  const { t } = useTranslation();
  const settings = useNoticeSettings('mine');
  const choose = useChooseWays('mine');
  if (settings.isPending) return <Skeleton lines={8} />;
  if (settings.isError && settings.data === undefined)
    return <Failure error={settings.error} again={() => void settings.refetch()} />;
  return (
    <div className="flex flex-col gap-5">
      <WaysTable
        {...{ choose, topics: settings.data.topics, own: true }}
        hint={t('notices.settings.hint')}
      />
      <ThisDevice />
    </div>
  );
}

/** What this browser does. It is asked for its leave by the click that wants it, never before. */
function ThisDevice() {
  const { t } = useTranslation();
  const { browser, sound } = useDeviceChoice();
  const [permission, setPermission] = useState(browserPermission);
  const isHeld = permission === 'denied' || permission === 'unsupported';
  const switchBrowser = async (on: boolean): Promise<void> => {
    if (!on) return chooseOnDevice({ browser: false });
    const answer = await askBrowser();
    setPermission(answer);
    chooseOnDevice({ browser: answer === 'granted' });
  };
  const switchSound = (on: boolean): void => {
    chooseOnDevice({ sound: on });
    // To hear what one has chosen; the click also lets the browser play it later.
    if (on) chime();
  };
  return (
    <div className="flex flex-col gap-3">
      <h3 className="text-[13px] font-semibold text-soft">{t('notices.settings.device')}</h3>
      <Row
        label={t('notices.settings.browser')}
        hint={t(isHeld ? `notices.settings.${permission}` : 'notices.settings.browserHint')}
        on={browser && permission === 'granted'}
        disabled={isHeld}
        onChange={(on) => void switchBrowser(on)}
      />
      <Row
        label={t('notices.settings.sound')}
        hint={t('notices.settings.soundHint')}
        on={sound}
        onChange={switchSound}
      />
    </div>
  );
}

function Row({
  label,
  hint,
  on,
  disabled = false,
  onChange,
}: {
  label: string;
  hint: string;
  on: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <div className="flex items-start gap-3">
      <div className="min-w-0 flex-1">
        <p>{label}</p>
        <p className="text-xs text-soft">{hint}</p>
      </div>
      <Switch {...{ label, on, disabled, onChange }} />
    </div>
  );
}
