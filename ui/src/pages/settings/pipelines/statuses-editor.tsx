// The statuses of a pipeline: their order, names and meaning; one that is removed says where its tickets go.
import { Plus, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../../../components/button.tsx';
import { SelectField, TextField } from '../../../components/field.tsx';
import { MoveHandle, rowAt } from '../../../components/move-handle.tsx';
import { moved } from '../../../sla/order.ts';
import { Tick } from '../parts/fields.tsx';
import type { Editor } from '../parts/use-editor.ts';
import { CATEGORIES } from '../types.ts';
import type { AdminStatus } from '../types.ts';
import { idFor } from './pipeline-content.ts';
import type { PipelineContent } from './pipeline-content.ts';

export function StatusesEditor({
  editor,
  before,
}: {
  editor: Editor<PipelineContent>;
  before: AdminStatus[];
}) {
  const { t } = useTranslation();
  const list = useRef<HTMLOListElement>(null);
  const [said, setSaid] = useState('');
  const { statuses, moves, statusOn } = editor.draft.content;
  const set = (index: number, more: Partial<AdminStatus>): void =>
    editor.edit({
      statuses: statuses.map((one, at) => (at === index ? { ...one, ...more } : one)),
    });
  const move = (from: number, to: number): void => {
    const one = statuses[from];
    if (one === undefined || to < 0 || to >= statuses.length || from === to) return;
    editor.edit({ statuses: moved(statuses, from, to) });
    setSaid(t('admin.moved', { name: one.name, place: to + 1, count: statuses.length }));
  };
  const remove = (id: string): void =>
    editor.edit({
      statuses: statuses.filter((one) => one.id !== id),
      moves: movesWithout(moves, id),
      statusOn: Object.fromEntries(
        Object.entries(statusOn).filter(
          ([, to]) => to === null || !('status' in to) || to.status !== id,
        ),
      ),
    });
  const add = (): void => {
    const name = t('admin.pipelines.newStatus');
    const id = idFor(name, [...statuses, ...before]);
    const status: AdminStatus = { id, name, category: 'open', position: 0, atCreation: false };
    const closed = statuses.findIndex(({ category }) => category === 'closed');
    editor.edit({
      statuses: statuses.toSpliced(closed === -1 ? statuses.length : closed, 0, status),
    });
  };
  return (
    <div className="flex flex-col gap-3">
      <p aria-live="assertive" className="sr-only">
        {said}
      </p>
      <ol ref={list} className="flex flex-col gap-2">
        {statuses.map((status, index) => (
          <li
            key={status.id}
            className="flex items-stretch gap-1 rounded-md border border-line bg-ground p-1"
          >
            <MoveHandle
              label={t('admin.move', { name: status.name })}
              onStep={(by) => move(index, index + by)}
              onDrag={(y) => {
                const over = rowAt(list.current, y);
                if (over !== -1) move(index, over);
              }}
            />
            <div className="grid min-w-0 flex-1 items-center gap-x-3 gap-y-1 p-1 sm:grid-cols-[1fr_14rem_auto]">
              <TextField
                quiet
                required
                label={t('admin.pipelines.status', { number: index + 1 })}
                maxLength={100}
                value={status.name}
                error={editor.errorAt(`/statuses/${index}/name`)}
                onChange={({ target }) => set(index, { name: target.value })}
              />
              <SelectField
                quiet
                label={t('admin.pipelines.category', { name: status.name })}
                value={status.category}
                onChange={({ target }) =>
                  set(index, { category: target.value as AdminStatus['category'] })
                }
              >
                {CATEGORIES.map((one) => (
                  <option key={one} value={one}>
                    {t(`admin.pipelines.categories.${one}`)}
                  </option>
                ))}
              </SelectField>
              <Tick
                label={
                  <>
                    {t('admin.pipelines.atCreationShort')}
                    <span className="sr-only">: {status.name}</span>
                  </>
                }
                checked={status.atCreation}
                onChange={(atCreation) => set(index, { atCreation })}
              />
            </div>
            <IconButton
              label={t('admin.pipelines.removeStatus', { name: status.name })}
              className="self-center"
              disabled={statuses.length <= 2}
              onClick={() => remove(status.id)}
            >
              <X size={15} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
      </ol>
      {editor.errorAt('/statuses') === undefined ? null : (
        <p role="alert" className="text-danger">
          {editor.errorAt('/statuses')}
        </p>
      )}
      <div>
        <Button small onClick={add}>
          <Plus size={14} aria-hidden="true" />
          {t('admin.pipelines.addStatus')}
        </Button>
      </div>
      <Homeless editor={editor} before={before} />
    </div>
  );
}

/** Where tickets go whose status is removed. */
function Homeless({ editor, before }: { editor: Editor<PipelineContent>; before: AdminStatus[] }) {
  const { t } = useTranslation();
  const { statuses, moveTicketsTo } = editor.draft.content;
  const gone = before.filter(({ id }) => !statuses.some((one) => one.id === id));
  if (gone.length === 0) return null;
  return (
    <div className="grid gap-3 rounded-md bg-warn-tint p-3 sm:grid-cols-2">
      {gone.map(({ id, name }) => (
        <SelectField
          key={id}
          label={t('admin.pipelines.moveTo', { name })}
          value={moveTicketsTo[id] ?? ''}
          onChange={({ target }) =>
            editor.edit({ moveTicketsTo: { ...moveTicketsTo, [id]: target.value } })
          }
        >
          <option value="">{t('admin.choose')}</option>
          {statuses.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </SelectField>
      ))}
    </div>
  );
}

/** The moves without a status that is gone. */
function movesWithout(moves: PipelineContent['moves'], id: string): PipelineContent['moves'] {
  if (moves?.allowedTo === undefined) return moves;
  const lines = Object.entries(moves.allowedTo)
    .filter(([from]) => from !== id)
    .map(([from, targets]) => [from, targets.filter((to) => to !== id)] as const);
  return { ...moves, allowedTo: Object.fromEntries(lines) };
}
