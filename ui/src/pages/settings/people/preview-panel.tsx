// What a change of somebody's availability would do, before it is saved: what becomes of their tickets, and who is left.
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import { call } from '../../../api/client.ts';
import { Failure } from '../../../components/bits.tsx';
import { at } from '../../../lib/time.ts';
import { useSlowNow } from '../../../lib/use-now.ts';
import { usePresence } from './presence.ts';

/** A change that is not saved. */
export interface AvailabilityDraft {
  availability?: 'available' | 'away';
  workingHours?: CalendarDefinition | null;
  outOfOffice?: { from: string; to: string }[];
  outOfOfficeRemoved?: string[];
  active?: boolean;
}
const STAYS = [
  ...(['settingIsOff', 'notAway', 'backInTime', 'handedBackBefore'] as const),
  ...(['waitsForRequester', 'noTeam'] as const),
];
interface Outlook {
  reason: string;
  until: string | null;
}
interface Preview {
  before: Outlook;
  after: Outlook;
  goBack: { count: number; at: string | null };
  stay: { count: number; byReason: { reason: string; text: string; count: number }[] };
  teams: {
    teamId: string;
    name: string;
    eligible: { before: number; after: number };
    nobodyLeft: boolean;
  }[];
}

export function PreviewPanel({ userId, draft }: { userId: string; draft: AvailabilityDraft }) {
  const { t } = useTranslation();
  const asked = useDeferredValue(draft);
  const preview = useQuery({
    queryKey: ['availability-preview', userId, asked],
    queryFn: ({ signal }) =>
      call<Preview>('POST', `/api/v1/users/${userId}/availability/preview`, {
        ...{ body: asked, signal },
      }),
    placeholderData: (before) => before,
    staleTime: 0,
  });
  return (
    <div
      role="group"
      aria-label={t('admin.preview.title')}
      className="rounded-md border border-line bg-sunken px-3 py-2 text-[13px]"
    >
      <p className="font-medium">{t('admin.preview.title')}</p>
      {preview.isError ? <Failure error={preview.error} /> : null}
      {preview.data === undefined ? (
        preview.isError ? null : (
          <p className="text-soft">{t('admin.preview.asking')}</p>
        )
      ) : (
        <Told preview={preview.data} />
      )}
    </div>
  );
}

function Told({ preview: { before, after, goBack, stay, teams } }: { preview: Preview }) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const presence = usePresence();
  const same = before.reason === after.reason && before.until === after.until;
  const when =
    goBack.at === null || Date.parse(goBack.at) <= nowMs
      ? t('admin.preview.atOnce')
      : at(goBack.at, nowMs, i18n.language);
  const fewer = teams.filter(({ eligible }) => eligible.after !== eligible.before);
  return (
    <div role="status">
      <ul className="flex flex-col gap-0.5 text-soft">
        <li>
          {t(same ? 'admin.preview.stays' : 'admin.preview.becomes', { reason: presence(after) })}
        </li>
        {goBack.count === 0 ? null : (
          <li className="font-medium text-ink">
            {t('admin.preview.goBack', { count: goBack.count, at: when })}
          </li>
        )}
        {stay.count === 0 ? null : (
          <li>
            {t('admin.preview.stay', { count: stay.count })}{' '}
            {stay.byReason
              .map(({ reason, text, count }) => {
                const known = STAYS.find((one) => one === reason);
                return `${count}: ${known === undefined ? text : t(`admin.preview.reasons.${known}`)}`;
              })
              .join('; ')}
          </li>
        )}
        {goBack.count + stay.count === 0 ? <li>{t('admin.preview.nothing')}</li> : null}
        {fewer.map(({ teamId, name, eligible }) => (
          <li key={teamId}>{t('admin.preview.teamLeft', { team: name, ...eligible })}</li>
        ))}
        {teams
          .filter(({ nobodyLeft }) => nobodyLeft)
          .map(({ teamId, name }) => (
            <li key={teamId} className="font-medium text-warn">
              {t('admin.preview.nobodyLeft', { team: name })}
            </li>
          ))}
      </ul>
    </div>
  );
}
