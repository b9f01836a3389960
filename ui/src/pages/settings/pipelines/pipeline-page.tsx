// The editor of a pipeline: its statuses, the moves people may make, where mail moves tickets, and when they close themselves.
import { useNavigate, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useAll } from '../../../api/queries.ts';
import { Failure, Skeleton } from '../../../components/bits.tsx';
import { SelectField, TextField } from '../../../components/field.tsx';
import { FoundDraft } from '../../../sla/found-draft.tsx';
import { Section, SettingsFrame, useMayChange } from '../../../sla/frame.tsx';
import { AutoCloseFields, autoCloseFault, newAutoClose } from '../parts/auto-close-fields.tsx';
import { SaveBar } from '../parts/save-bar.tsx';
import { useEditor } from '../parts/use-editor.ts';
import type { Editor } from '../parts/use-editor.ts';
import { PIPELINES } from '../types.ts';
import type { AdminPipeline, AdminStatus } from '../types.ts';
import { MailMoves } from './mail-moves.tsx';
import { MovesEditor } from './moves-editor.tsx';
import { bodyOf, contentOf } from './pipeline-content.ts';
import type { PipelineContent } from './pipeline-content.ts';
import { RemovePipeline } from './remove-pipeline.tsx';
import { StatusesEditor } from './statuses-editor.tsx';

export function PipelinePage() {
  const { t } = useTranslation();
  const { pipelineId } = useParams({ from: '/desk/settings/pipelines/$pipelineId' });
  const pipelines = useAll<AdminPipeline>(PIPELINES);
  const pipeline = pipelines.data?.find(({ id }) => id === pipelineId);
  const isNew = pipelineId === 'new';
  return (
    <SettingsFrame
      needs="settings.desk"
      title={isNew ? t('admin.pipelines.new') : (pipeline?.name ?? '…')}
      back={{ to: '/settings/pipelines', label: t('admin.pages.pipelines') }}
      acts={
        pipeline === undefined || pipelines.data?.length === 1 ? null : (
          <RemovePipeline pipeline={pipeline} />
        )
      }
    >
      {pipelines.isError ? (
        <Failure error={pipelines.error} again={() => void pipelines.refetch()} />
      ) : null}
      {pipelines.isPending ? <Skeleton lines={8} /> : null}
      {pipelines.data !== undefined && (isNew || pipeline !== undefined) ? (
        <Form
          key={pipelineId}
          pipeline={pipeline ?? null}
          last={Math.max(0, ...pipelines.data.map(({ position }) => position + 1))}
        />
      ) : null}
    </SettingsFrame>
  );
}

function useNewContent(position: number): PipelineContent {
  const { t } = useTranslation();
  const statuses = (['new', 'open', 'waiting', 'closed'] as const).map(
    (category, index): AdminStatus => ({
      ...{ id: category, name: t(`admin.pipelines.categories.${category}`), category },
      ...{ position: index, atCreation: category !== 'closed' },
    }),
  );
  return {
    ...{ name: '', position, statuses, moves: null, statusOn: {}, moveTicketsTo: {} },
    autoClose: undefined,
  };
}

function Form({ pipeline, last }: { pipeline: AdminPipeline | null; last: number }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayChange = useMayChange('settings.desk') === true;
  const fresh = useNewContent(last);
  const saved = pipeline === null ? fresh : contentOf(pipeline);
  const editor = useEditor<PipelineContent>({
    ...{ path: PIPELINES, id: pipeline?.id ?? null, saved, version: pipeline?.version ?? 0 },
    bodyOf,
    onMade: (pipelineId) =>
      void navigate({ to: '/settings/pipelines/$pipelineId', params: { pipelineId } }),
  });
  const { content } = editor.draft;
  const fault = autoCloseFault(content.autoClose);
  const faults = [
    ...(content.name.trim() === '' || content.statuses.some(({ name }) => name.trim() === '')
      ? [t('admin.nameNeeded')]
      : []),
    ...(fault === null ? [] : [t(fault)]),
  ];
  return (
    <>
      <FoundDraft shown={editor.found && editor.changed} onDrop={editor.drop} />
      <fieldset disabled={!mayChange} className="flex min-w-0 flex-col gap-4">
        <div className="max-w-xl">
          <TextField
            required
            label={t('admin.name')}
            maxLength={200}
            value={content.name}
            error={editor.errorAt('/name')}
            onChange={({ target }) => editor.edit({ name: target.value })}
          />
        </div>
        <Section title={t('admin.pipelines.statuses')} hint={t('admin.pipelines.statusesHint')}>
          <StatusesEditor editor={editor} before={pipeline?.statuses ?? []} />
        </Section>
        <Section title={t('admin.pipelines.moves')} hint={t('admin.pipelines.movesHint')}>
          <MovesEditor
            moves={content.moves}
            statuses={content.statuses}
            onChange={(moves) => editor.edit({ moves })}
          />
        </Section>
        <Section title={t('admin.pipelines.events')} hint={t('admin.pipelines.eventsHint')}>
          <MailMoves
            statusOn={content.statusOn}
            statuses={content.statuses}
            errorAt={editor.errorAt}
            onChange={(statusOn) => editor.edit({ statusOn })}
          />
        </Section>
        <Section title={t('admin.pipelines.autoClose')}>
          <AutoClose editor={editor} />
        </Section>
      </fieldset>
      <SaveBar {...{ editor, faults }} kind="pipeline" />
    </>
  );
}

const CHOICES = ['desk', 'off', 'own'] as const;

function AutoClose({ editor }: { editor: Editor<PipelineContent> }) {
  const { t } = useTranslation();
  const { autoClose } = editor.draft.content;
  const choice = autoClose === undefined ? 'desk' : autoClose === null ? 'off' : 'own';
  const choose = (wanted: string): void =>
    editor.edit({
      autoClose: wanted === 'desk' ? undefined : wanted === 'off' ? null : newAutoClose(),
    });
  return (
    <div className="flex flex-col gap-4">
      <div className="max-w-xs">
        <SelectField
          quiet
          label={t('admin.pipelines.autoClose')}
          value={choice}
          onChange={({ target }) => choose(target.value)}
        >
          {CHOICES.map((one) => (
            <option key={one} value={one}>
              {t(`admin.pipelines.autoCloses.${one}`)}
            </option>
          ))}
        </SelectField>
      </div>
      {autoClose === undefined || autoClose === null ? null : (
        <AutoCloseFields
          value={autoClose}
          errorAt={(field) => editor.errorAt(`/autoClose/${field}`)}
          onChange={(next) => editor.edit({ autoClose: next })}
        />
      )}
    </div>
  );
}
