// Which moves people may make: forward without skips, never back, and a line per status for the others.
import { useTranslation } from 'react-i18next';
import { Tick } from '../parts/fields.tsx';
import type { AdminStatus } from '../types.ts';
import type { PipelineContent } from './pipeline-content.ts';

type Moves = PipelineContent['moves'];

/** Moves with a change; null again when they bind nobody. */
function changed(moves: Moves, more: NonNullable<Moves>): Moves {
  const { forbidSkips, forbidBackward, allowedTo = {} } = { ...moves, ...more };
  const bare = Object.keys(allowedTo).length === 0;
  if (forbidSkips !== true && forbidBackward !== true && bare) return null;
  return {
    ...(forbidSkips === true ? { forbidSkips } : {}),
    ...(forbidBackward === true ? { forbidBackward } : {}),
    ...(bare ? {} : { allowedTo }),
  };
}

export function MovesEditor({
  moves,
  statuses,
  onChange,
}: {
  moves: Moves;
  statuses: AdminStatus[];
  onChange: (moves: Moves) => void;
}) {
  const { t } = useTranslation();
  const { forbidSkips = false, forbidBackward = false, allowedTo = {} } = moves ?? {};
  const bound = forbidSkips || forbidBackward;
  const toggle = (from: string, to: string, on: boolean): void => {
    const { [from]: before = [], ...others } = allowedTo;
    const targets = [...before.filter((one) => one !== to), ...(on ? [to] : [])];
    // A line without a tick is no line: it binds nobody. One that the API left empty allows nothing, and stays.
    onChange(
      changed(moves, {
        allowedTo: targets.length === 0 ? others : { ...others, [from]: targets },
      }),
    );
  };
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-col gap-1.5">
        <Tick
          label={t('admin.pipelines.forbidSkips')}
          checked={forbidSkips}
          onChange={(on) => onChange(changed(moves, { forbidSkips: on }))}
        />
        <Tick
          label={t('admin.pipelines.forbidBackward')}
          checked={forbidBackward}
          onChange={(on) => onChange(changed(moves, { forbidBackward: on }))}
        />
      </div>
      <div>
        <h3 className="text-[13px] font-medium">
          {t(bound ? 'admin.pipelines.allowedAlso' : 'admin.pipelines.allowedOnly')}
        </h3>
        <p className="mb-2 text-xs text-soft">
          {t(bound ? 'admin.pipelines.allowedHintAlso' : 'admin.pipelines.allowedHint')}
        </p>
        <ul className="flex flex-col divide-y divide-line">
          {statuses.map(({ id: from, name }) => (
            <li key={from} className="grid gap-x-3 gap-y-1 py-2 sm:grid-cols-[12rem_1fr]">
              <bdi className="break-words text-soft">
                {t('admin.pipelines.fromLine', { from: name })}
                {allowedTo[from]?.length === 0 ? (
                  <span className="block text-xs text-warn">{t('admin.pipelines.noMove')}</span>
                ) : null}
              </bdi>
              <span className="flex flex-wrap gap-x-4 gap-y-1">
                {statuses
                  .filter(({ id }) => id !== from)
                  .map(({ id: to, name: toName }) => (
                    <Tick
                      key={to}
                      label={
                        <>
                          <span className="sr-only">
                            {t('admin.pipelines.fromTo', { from: name, to: toName })}
                          </span>
                          <span aria-hidden="true">{toName}</span>
                        </>
                      }
                      checked={allowedTo[from]?.includes(to) === true}
                      onChange={(on) => toggle(from, to, on)}
                    />
                  ))}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
