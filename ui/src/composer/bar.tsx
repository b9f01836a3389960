// Below the words: how they look, what goes along, and the ways to send them.
import { ChevronDown, Paperclip } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { usePipelines } from '../api/queries.ts';
import type { Ticket } from '../api/types.ts';
import { Button, IconButton } from '../components/button.tsx';
import { Menu } from '../components/menu.tsx';
import { statusesOf } from '../tickets/labels.tsx';
import { CannedButton } from './canned-button.tsx';
import type { DraftKeeper } from './draft-keeper.ts';
import { DraftWord } from './draft-line.tsx';
import { FormatButtons } from './format-buttons.tsx';
import { SendLater } from './send-later.tsx';
import type { Choice } from './use-sending.ts';
import type { Text } from './use-text.ts';

export interface BarProps {
  ticket: Ticket;
  keeper: DraftKeeper;
  text: Text;
  busy: boolean;
  onFiles: (files: File[]) => void;
  onSend: (choice: Choice) => void;
}

export function Bar({ ticket, keeper, text, busy, onFiles, onSend }: BarProps) {
  const { t } = useTranslation();
  const file = useRef<HTMLInputElement>(null);
  const { kind } = keeper;
  return (
    <div className="flex flex-wrap items-center gap-0.5">
      <FormatButtons editor={text.editor} />
      <CannedButton ticketId={ticket.id} onChoose={text.insertCanned} />
      <IconButton label={t('composer.attach')} onClick={() => file.current?.click()}>
        <Paperclip size={15} aria-hidden="true" />
      </IconButton>
      <input
        ref={file}
        type="file"
        multiple
        hidden
        onChange={({ target }) => {
          onFiles([...(target.files ?? [])]);
          target.value = '';
        }}
      />
      <DraftWord keeper={keeper} />
      <span className="ms-auto inline-flex items-center">
        {kind === 'note' ? null : <SendLater onSend={(sendAt) => onSend({ sendAt })} />}
        <Button
          kind="primary"
          busy={busy}
          onClick={() => onSend({})}
          className={kind === 'reply' ? 'rounded-e-none' : ''}
        >
          {t(kind === 'note' ? 'composer.addNote' : 'composer.send')}
        </Button>
        {kind === 'reply' ? <SendAnd ticket={ticket} onSend={onSend} /> : null}
      </span>
    </div>
  );
}

/** Sending and setting the status in one act. */
function SendAnd({ ticket, onSend }: Pick<BarProps, 'ticket' | 'onSend'>) {
  const { t } = useTranslation();
  const pipelines = usePipelines();
  const statuses = statusesOf(pipelines.data, ticket.pipelineId).filter(
    (one) => one.category !== 'new',
  );
  return (
    <Menu
      trigger={
        <Button
          kind="primary"
          aria-label={t('ticket.status')}
          className="rounded-s-none border-s border-s-on-accent/30 px-1.5"
        >
          <ChevronDown size={15} aria-hidden="true" />
        </Button>
      }
      items={statuses.map(({ id, name }) => ({
        label: t('composer.sendAnd', { status: name }),
        act: () => onSend({ status: id }),
      }))}
    />
  );
}
