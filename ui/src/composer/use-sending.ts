// Sending what is written: once, whatever the network does, with a way back while it waits to leave.
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { ApiError } from '../api/client.ts';
import { useSend } from '../api/ticket-actions.ts';
import type { Draft } from '../api/ticket-actions.ts';
import { useWordsFor } from '../components/bits.tsx';
import { isAddress } from './addresses.ts';
import type { Content, Kind } from './content.ts';
import type { DraftKeeper } from './draft-keeper.ts';
import { keepWritten, useTakeBack } from './take-back.ts';
import { mentioned } from './written.ts';

/** What is chosen with the sending itself. */
export type Choice = Pick<Draft, 'sendAt' | 'status'>;

/** As the API takes it. */
function messageOf(kind: Kind, content: Content, signed: boolean): Draft {
  const { html, text, to, cc, bcc, channelId, messageId, files } = content;
  const named = mentioned(html);
  return {
    ...{ kind, body: text, bodyHtml: html },
    ...(files.length === 0 ? {} : { attachmentIds: files.map(({ id }) => id) }),
    ...(kind === 'note' && named.length > 0 ? { mentions: named } : {}),
    ...(kind === 'forward' ? { to, ...(messageId === null ? {} : { messageId }) } : {}),
    ...(kind === 'note'
      ? {}
      : {
          ...(cc === null ? {} : { cc }),
          ...(bcc.length === 0 ? {} : { bcc }),
          ...(channelId === null ? {} : { channelId }),
          ...(signed ? { signature: 'own' } : {}),
        }),
  };
}

/** Why it cannot be sent as it is; null when it can. */
function useFaultOf(): (kind: Kind, content: Content) => string | null {
  const { t } = useTranslation();
  return (kind, { text, to, cc, bcc }) => {
    if (text === '') return t('composer.sendWithoutWords');
    if (kind === 'note') return null;
    if (kind === 'forward' && to.length === 0) return t('composer.noRecipient');
    const bad = [...to, ...(cc ?? []), ...bcc].filter((one) => !isAddress(one));
    return bad.length === 0 ? null : t('composer.badAddresses', { list: bad.join(', ') });
  };
}

const newKey = (): string => crypto.randomUUID();

/** Whether both are the same message, whatever the draft's revision was by then. */
function isSameMessage(one: Draft, other: Draft): boolean {
  const words = (draft: Draft): string => JSON.stringify({ ...draft, draftRevision: 0 });
  return words(one) === words(other);
}

/** Sends the draft of a keeper. */
export function useSending(keeper: DraftKeeper, signed: boolean) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const { ticketId, kind } = keeper;
  const faultOf = useFaultOf();
  const mutation = useSend(ticketId);
  const takeBack = useTakeBack(ticketId);
  const under = useRef(false);
  const now = async (choice: Choice): Promise<void> => {
    const { content, asked } = keeper.get();
    const fault = faultOf(kind, content);
    if (fault !== null) return void toast.error(fault);
    if (under.current) return;
    under.current = true;
    const draftRevision = await keeper.settle();
    const draft = {
      ...{ ...messageOf(kind, content, signed), ...choice },
      ...(draftRevision === undefined ? {} : { draftRevision }),
    };
    const ask =
      asked !== null && isSameMessage(asked.draft, draft) ? asked : { draft, key: newKey() };
    keeper.ask(ask);
    const onSuccess = ({ id }: { id: string }): void => {
      keeper.sent(content);
      keepWritten(id, { kind, content });
      if (kind === 'note') return void toast.success(t('composer.noteAdded'));
      const said = kind === 'forward' ? t('composer.forwarded') : t('composer.sent');
      toast.success(choice.sendAt === undefined ? said : t('composer.sentLater'), {
        action: { label: t('common.undo'), onClick: () => takeBack(id, { kind, content }) },
      });
    };
    const onError = (error: Error): void => {
      const answered = error instanceof ApiError && error.status >= 400 && error.status < 500;
      keeper.goOn(answered && error.code !== 'idempotencyKeyInUse');
      toast.error(words(error));
    };
    // Not by the mutation's own callbacks: those are forgotten with a ticket that one has left meanwhile.
    await mutation.mutateAsync(ask).then(onSuccess, onError);
    under.current = false;
  };
  return { now: (choice: Choice) => void now(choice), busy: mutation.isPending };
}
