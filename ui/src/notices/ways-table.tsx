// Topics by ways, each a tick: of one's own choice, or of what everybody has until they choose.
import { RotateCcw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../components/button.tsx';
import { Tick } from '../pages/settings/parts/fields.tsx';
import type { ChooseWays, TopicSetting } from './settings-queries.ts';

const WAYS = ['bell', 'browser', 'email'] as const;

export interface WaysTableProps {
  hint: string;
  topics: TopicSetting[];
  choose: ChooseWays;
  /** Whether a choice can be taken back: one's own can, what everybody has is all there is. */
  own: boolean;
  disabled?: boolean;
}

export function WaysTable({ hint, topics, ...rest }: WaysTableProps) {
  const { t } = useTranslation();
  return (
    <table className="w-full">
      <caption className="pb-2 text-start text-[13px] text-soft">{hint}</caption>
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
          {rest.own ? (
            <th scope="col" className="w-9">
              <span className="sr-only">{t('notices.settings.usual')}</span>
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody className="divide-y divide-line border-t border-line">
        {topics.map((one) => (
          <Topic key={one.topic} setting={one} {...rest} />
        ))}
      </tbody>
    </table>
  );
}

interface TopicProps extends Omit<WaysTableProps, 'hint' | 'topics'> {
  setting: TopicSetting;
}

function Topic({ setting, choose, own, disabled = false }: TopicProps) {
  const { t } = useTranslation();
  const { topic, chosen } = setting;
  const name = t(`notices.settings.topics.${topic}`);
  return (
    <tr>
      <th scope="row" className="h-10 py-1.5 pe-2 text-start font-normal">
        {name}
      </th>
      {WAYS.map((way) => (
        <td key={way} className="text-center">
          <Tick
            quiet
            label={t('notices.settings.tick', { name, way: t(`notices.settings.ways.${way}`) })}
            checked={setting[way]}
            disabled={disabled}
            onChange={(on) => choose(topic, { [way]: on })}
          />
        </td>
      ))}
      {own ? (
        <td className="text-end">
          {chosen ? (
            <IconButton
              label={t('notices.settings.reset', { name })}
              onClick={() => choose(topic, null)}
            >
              <RotateCcw size={14} aria-hidden="true" />
            </IconButton>
          ) : null}
        </td>
      ) : null}
    </tr>
  );
}
