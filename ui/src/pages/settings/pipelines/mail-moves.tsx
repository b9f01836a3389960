// Where mail moves the tickets of a pipeline: as the desk has it, not at all, or to a status.
import { useTranslation } from 'react-i18next';
import { SelectField } from '../../../components/field.tsx';
import { CATEGORIES, MAIL_EVENTS } from '../types.ts';
import type { AdminStatus, MailEvent, StatusTarget } from '../types.ts';
import type { PipelineContent } from './pipeline-content.ts';

type StatusOn = PipelineContent['statusOn'];

/** A choice as a word of a select, and back. */
const wordOf = (target: StatusTarget | undefined): string => {
  if (target === undefined) return 'desk';
  if (target === null) return 'stays';
  return 'status' in target ? `status ${target.status}` : `category ${target.category}`;
};
function targetOf(word: string): StatusTarget | undefined {
  const [kind, name = ''] = word.split(' ');
  if (kind === 'desk') return undefined;
  if (kind === 'stays') return null;
  const category = CATEGORIES.find((one) => one === name);
  return kind === 'category' && category !== undefined ? { category } : { status: name };
}

export function MailMoves({
  statusOn,
  statuses,
  errorAt,
  onChange,
}: {
  statusOn: StatusOn;
  statuses: AdminStatus[];
  errorAt: (pointer: string) => string | undefined;
  onChange: (statusOn: StatusOn) => void;
}) {
  const { t } = useTranslation();
  const choose = (event: MailEvent, word: string): void => {
    const { [event]: _before, ...others } = statusOn;
    const target = targetOf(word);
    onChange(target === undefined ? others : { ...others, [event]: target });
  };
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      {MAIL_EVENTS.map((event) => {
        // A customer who writes must not be put where nobody looks.
        const fits = statuses.filter(
          ({ category }) => event !== 'customerReply' || category !== 'closed',
        );
        return (
          <SelectField
            key={event}
            label={t(`admin.pipelines.eventNames.${event}`)}
            value={wordOf(statusOn[event])}
            error={errorAt(`/statusOn/${event}`)}
            onChange={({ target }) => choose(event, target.value)}
          >
            <option value="desk">{t('admin.pipelines.asDesk')}</option>
            <option value="stays">{t('admin.pipelines.stays')}</option>
            {fits.map(({ id, name }) => (
              <option key={id} value={`status ${id}`}>
                {t('admin.pipelines.toStatus', { name })}
              </option>
            ))}
            {CATEGORIES.filter((one) => fits.some(({ category }) => category === one)).map(
              (category) => (
                <option key={category} value={`category ${category}`}>
                  {t('admin.pipelines.toCategory', {
                    name: t(`admin.pipelines.categories.${category}`),
                  })}
                </option>
              ),
            )}
          </SelectField>
        );
      })}
    </div>
  );
}
