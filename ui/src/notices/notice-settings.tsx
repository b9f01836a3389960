// Where one is told of what: topics by ways, and what this device does beside the page.
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Failure, Skeleton } from '../components/bits.tsx';
import { IconButton } from '../components/button.tsx';
import { Switch, Tick } from '../pages/settings/parts/fields.tsx';
import { chime } from './outside.ts';
import { useChooseWays, useNoticeSettings } from './settings-queries.ts';
import type { TopicSetting } from './settings-queries.ts';
import { askBrowser, browserPermission, chooseOnDevice, useDeviceChoice } from './this-device.ts';

const WAYS = ['bell', 'browser', 'email'] as const;

export function NoticeSettings() {
  const { t } = useTranslation();
  const settings = useNoticeSettings();
  if (settings.isPending) return <Skeleton lines={8} />;
  if (settings.isError && settings.data === undefined)
    return <Failure error={settings.error} again={() => void settings.refetch()} />;
  return (
    <div className="flex flex-col gap-5">
      <table className="w-full">
        <caption className="pb-2 text-start text-[13px] text-soft">
          {t('notices.settings.hint')}
        </caption>
        <thead>
          <tr className="text-xs text-soft">
            <th scope="col" className="py-1 text-start font-medium">
              {t('notices.settings.what')}
            </th>
            {WAYS.map((way) => (
              <th key={way} scope="col" className="w-16 py-1 font-medium max-sm:w-14">
                {t(`notices.settings.ways.${way}`)}
              </th>
            ))}
            <th scope="col" className="w-9">
              <span className="sr-only">{t('notices.settings.usual')}</span>
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line border-t border-line">
          {settings.data.topics.map((one) => (
            <Topic key={one.topic} setting={one} />
          ))}
        </tbody>
      </table>
      <ThisDevice />
    </div>
  );
}

function Topic({ setting }: { setting: TopicSetting }) {
  const { t } = useTranslation();
  const choose = useChooseWays();
  const { topic, chosen } = setting;
  const name = t(`notices.settings.topics.${topic}`);
  return (
    <tr>
      <th scope="row" className="py-1.5 pe-2 text-start font-normal">
        {name}
      </th>
      {WAYS.map((way) => (
        <td key={way} className="text-center">
          <Tick
            quiet
            label={t('notices.settings.tick', { name, way: t(`notices.settings.ways.${way}`) })}
            checked={setting[way]}
            onChange={(on) => choose(topic, { [way]: on })}
          />
        </td>
      ))}
      <td className="h-10 text-end">
        {chosen ? (
          <IconButton
            label={t('notices.settings.reset', { name })}
            onClick={() => choose(topic, null)}
          >
            <RotateCcw size={14} aria-hidden="true" />
          </IconButton>
        ) : null}
      </td>
    </tr>
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
