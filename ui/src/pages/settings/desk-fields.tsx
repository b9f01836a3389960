// The fields of the desk's settings, group by group.
import { useTranslation } from 'react-i18next';
import type { DeskSettings, StatusCategory } from '#domain/desk.ts';
import { SelectField } from '../../components/field.tsx';
import { DurationField } from '../../sla/duration-field.tsx';
import { Section } from '../../sla/frame.tsx';
import { AutoCloseFields, newAutoClose } from './parts/auto-close-fields.tsx';
import { NumberField, Tick } from './parts/fields.tsx';
import { CATEGORIES } from './types.ts';

interface Part {
  settings: DeskSettings;
  edit: (change: Partial<DeskSettings>) => void;
  errorAt: (pointer: string) => string | undefined;
}
const PAIR = 'grid items-start gap-3 sm:grid-cols-2';
const YEARS_DAYS = 3_650;

export function DeskFields(part: Part) {
  return (
    <>
      <Replies {...part} />
      <Reopening {...part} />
      <Closing {...part} />
      <Away {...part} />
      <Spam {...part} />
    </>
  );
}

function Replies({ settings, edit, errorAt }: Part) {
  const { t } = useTranslation();
  return (
    <Section title={t('admin.desk.replies')}>
      <div className="flex flex-col gap-3">
        <Tick
          label={t('admin.desk.replyAssigns')}
          checked={settings.replyAssigns}
          onChange={(replyAssigns) => edit({ replyAssigns })}
        />
        <Tick
          label={t('admin.desk.statusAfterReply')}
          checked={settings.statusAfterReply !== null}
          onChange={(on) => edit({ statusAfterReply: on ? 'waiting' : null })}
        />
        <div className={PAIR}>
          <NumberField
            required
            label={t('admin.desk.undoSend')}
            max={300}
            value={settings.undoSendSeconds}
            error={errorAt('/undoSendSeconds')}
            onChange={(value) => edit({ undoSendSeconds: value ?? 0 })}
          />
          <NumberField
            required
            label={t('admin.desk.giveUp')}
            hint={t('admin.desk.giveUpHint')}
            max={720}
            value={settings.deliveryGiveUpHours}
            error={errorAt('/deliveryGiveUpHours')}
            onChange={(value) => edit({ deliveryGiveUpHours: value ?? 0 })}
          />
        </div>
      </div>
    </Section>
  );
}

const EVENTS = ['customerReply', 'firstInbound', 'deliveryFailed', 'bounce'] as const;

function Reopening({ settings, edit, errorAt }: Part) {
  const { t } = useTranslation();
  const { statusOn } = settings;
  const set = (event: (typeof EVENTS)[number], word: string): void => {
    const category = CATEGORIES.find((one) => one === word);
    const target = category === undefined ? null : { category };
    // The select of a customer's reply offers no closed one.
    edit({ statusOn: { ...statusOn, [event]: target } as DeskSettings['statusOn'] });
  };
  const fits = (event: (typeof EVENTS)[number]): StatusCategory[] =>
    CATEGORIES.filter((one) => event !== 'customerReply' || one !== 'closed');
  return (
    <Section title={t('admin.desk.reopening')}>
      <div className={PAIR}>
        <NumberField
          required
          label={t('admin.desk.reopenWindow')}
          hint={t('admin.desk.reopenWindowHint')}
          max={YEARS_DAYS}
          value={settings.reopenWindowDays}
          error={errorAt('/reopenWindowDays')}
          onChange={(value) => edit({ reopenWindowDays: value ?? 0 })}
        />
        {EVENTS.map((event) => (
          <SelectField
            key={event}
            label={t(`admin.desk.${event}`)}
            value={statusOn[event]?.category ?? ''}
            error={errorAt(`/statusOn/${event}`)}
            onChange={({ target }) => set(event, target.value)}
          >
            <option value="">
              {t(event === 'firstInbound' ? 'admin.desk.asPipeline' : 'admin.desk.stays')}
            </option>
            {fits(event).map((category) => (
              <option key={category} value={category}>
                {t('admin.desk.firstOf', { name: t(`admin.pipelines.categories.${category}`) })}
              </option>
            ))}
          </SelectField>
        ))}
      </div>
    </Section>
  );
}

function Closing({ settings: { autoClose }, edit, errorAt }: Part) {
  const { t } = useTranslation();
  return (
    <Section title={t('admin.desk.closing')}>
      <div className="flex flex-col gap-3">
        <Tick
          label={t('admin.desk.closes')}
          checked={autoClose !== null}
          onChange={(on) => edit({ autoClose: on ? newAutoClose() : null })}
        />
        {autoClose === null ? null : (
          <AutoCloseFields
            value={autoClose}
            errorAt={(field) => errorAt(`/autoClose/${field}`)}
            onChange={(next) => edit({ autoClose: next })}
          />
        )}
      </div>
    </Section>
  );
}

function Away({ settings: { awayReassign, reopenedWhenAway }, edit, errorAt }: Part) {
  const { t } = useTranslation();
  const { afterSeconds } = awayReassign;
  return (
    <Section title={t('admin.desk.away')}>
      <div className="flex flex-col gap-3">
        <Tick
          label={t('admin.desk.awayReassign')}
          checked={awayReassign.enabled}
          onChange={(enabled) => edit({ awayReassign: { ...awayReassign, enabled } })}
        />
        <div className={PAIR}>
          <DurationField
            label={t('admin.desk.awayAfter')}
            hint={t('admin.desk.awayAfterHint')}
            value={afterSeconds === 0 ? undefined : afterSeconds}
            error={errorAt('/awayReassign/afterSeconds')}
            onChange={(seconds) =>
              edit({ awayReassign: { ...awayReassign, afterSeconds: seconds ?? 0 } })
            }
          />
          <SelectField
            label={t('admin.desk.reopened')}
            value={reopenedWhenAway}
            onChange={({ target }) =>
              edit({ reopenedWhenAway: target.value === 'stay' ? 'stay' : 'teamQueue' })
            }
          >
            <option value="stay">{t('admin.desk.reopenedStay')}</option>
            <option value="teamQueue">{t('admin.desk.reopenedQueue')}</option>
          </SelectField>
        </div>
      </div>
    </Section>
  );
}

const SPAM_DAYS = 90;

function Spam({ settings, edit, errorAt }: Part) {
  const { t } = useTranslation();
  const { spamDeleteAfterDays } = settings;
  return (
    <Section title={t('admin.desk.spam')}>
      <div className="flex flex-col gap-3">
        <Tick
          label={t('admin.desk.spamDelete')}
          checked={spamDeleteAfterDays !== null}
          onChange={(on) => edit({ spamDeleteAfterDays: on ? SPAM_DAYS : null })}
        />
        <div className="grid items-start gap-3 sm:grid-cols-3">
          {spamDeleteAfterDays === null ? null : (
            <NumberField
              required
              label={t('admin.desk.spamDeleteAfter')}
              min={1}
              max={YEARS_DAYS}
              value={spamDeleteAfterDays}
              error={errorAt('/spamDeleteAfterDays')}
              onChange={(value) => edit({ spamDeleteAfterDays: value ?? SPAM_DAYS })}
            />
          )}
          <NumberField
            required
            label={t('admin.desk.automatic')}
            max={100_000}
            value={settings.automaticPerSenderPerDay}
            error={errorAt('/automaticPerSenderPerDay')}
            onChange={(value) => edit({ automaticPerSenderPerDay: value ?? 0 })}
          />
          <NumberField
            required
            label={t('admin.desk.perHour')}
            hint={t('admin.desk.perHourHint')}
            min={1}
            max={1_000_000}
            value={settings.messagesPerSenderPerHour}
            error={errorAt('/messagesPerSenderPerHour')}
            onChange={(value) => edit({ messagesPerSenderPerHour: value ?? 1 })}
          />
        </div>
      </div>
    </Section>
  );
}
