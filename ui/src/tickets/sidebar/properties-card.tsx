// A list of properties that the layout chose. The usual ones are changed in the head; the desk's own fields are changed here.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pencil } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { call } from '../../api/client.ts';
import { refreshTicket, showTicket } from '../../api/ticket-actions.ts';
import { useMay, usePipelines } from '../../api/queries.ts';
import type { SidebarCard, Ticket } from '../../api/types.ts';
import { useWordsFor } from '../../components/bits.tsx';
import { at, exact } from '../../lib/time.ts';
import { useSlowNow } from '../../lib/use-now.ts';
import { PriorityIcon, StatusBadge, useNames } from '../labels.tsx';
import { Card } from './card.tsx';
import { Facts } from './facts.tsx';
import { isCustom, plainField, useFieldName } from './field-names.ts';
import type { PlainField } from './field-names.ts';
import type { CardProps } from './card-props.ts';

type Properties = Extract<SidebarCard, { type: 'properties' }>;

export function PropertiesCard({
  card,
  ticket,
  around,
}: CardProps & {
  card: Properties;
}) {
  const { t } = useTranslation();
  const fieldName = useFieldName();
  const title = card.title ?? t('ticketPage.cards.properties');
  return (
    <Card name={`properties ${title}`} title={title}>
      <Facts
        of={card.fields.map((field) => [
          fieldName(field),
          isCustom(field) ? (
            // Another ticket's half-typed value has no place here.
            <CustomField key={ticket.id} ticket={ticket} name={field.slice('fields.'.length)} />
          ) : (
            <Plain {...{ ticket, around }} field={plainField(field)} />
          ),
        ])}
      />
    </Card>
  );
}

function Plain({ field, ticket, around }: CardProps & { field: PlainField }) {
  const { t } = useTranslation();
  const names = useNames();
  const pipelines = usePipelines();
  switch (field) {
    case 'assigneeId':
      return names.person(ticket.assigneeId) ?? t('ticket.unassigned');
    case 'teamId':
      return names.team(ticket.teamId) ?? t('ticket.noTeam');
    case 'status':
      return <StatusBadge ticket={ticket} />;
    case 'priority':
      return (
        <span className="inline-flex items-center gap-1.5">
          <PriorityIcon priority={ticket.priority} /> {t(`ticket.priorities.${ticket.priority}`)}
        </span>
      );
    case 'pipelineId':
      return pipelines.data?.find(({ id }) => id === ticket.pipelineId)?.name ?? '…';
    case 'channel':
      return around.mailbox?.address ?? t(`views.words.${ticket.channel}`);
    case 'tags':
      return ticket.tags.length === 0 ? t('common.none') : ticket.tags.join(', ');
    case 'requester':
      return <bdi>{around.contact.name ?? around.contact.email ?? around.contact.phone}</bdi>;
    case 'company':
      return around.company?.name ?? t('common.none');
    case 'createdAt':
    case 'updatedAt':
    case 'closedAt':
      return <Instant iso={ticket[field]} />;
    case 'language':
      return <LanguageName code={around.language} />;
    case 'escalationLevel':
      return String(ticket.escalationLevel);
  }
}

function Instant({ iso }: { iso: string | null }) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  if (iso === null) return t('ticketPage.notYet');
  return (
    <time dateTime={iso} title={exact(iso, i18n.language)}>
      {at(iso, nowMs, i18n.language)}
    </time>
  );
}

/** A language by its name in the reader's; a code nobody knows stays one. */
function LanguageName({ code }: { code: string | null }) {
  const { t, i18n } = useTranslation();
  if (code === null) return t('common.none');
  try {
    return new Intl.DisplayNames(i18n.language, { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}

const textOf = (value: unknown): string =>
  value === undefined || value === null
    ? ''
    : Array.isArray(value)
      ? value.join(', ')
      : typeof value === 'object'
        ? JSON.stringify(value)
        : // oxlint-disable-next-line typescript/no-base-to-string -- neither null nor an object is left
          String(value);

/** What was typed, in the kind the field has: a number stays one as long as it is one. */
function valueOf(text: string, before: unknown): string | number | boolean | string[] | null {
  const plain = text.trim();
  if (plain === '') return null;
  if (typeof before === 'number' && Number.isFinite(Number(plain))) return Number(plain);
  if (typeof before === 'boolean' && /^(true|false)$/.test(plain)) return plain === 'true';
  if (Array.isArray(before))
    return plain
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean);
  return plain;
}

function CustomField({ ticket, name }: { ticket: Ticket; name: string }) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const mayEdit = useMay('ticket.edit');
  const client = useQueryClient();
  const words = useWordsFor();
  const save = useMutation({
    mutationFn: (value: ReturnType<typeof valueOf>) =>
      call<Ticket>('PATCH', `/api/v1/tickets/${ticket.id}`, {
        body: { fields: { [name]: value } },
      }),
    onSuccess: (changed) => showTicket(client, changed),
    onError: (error) => toast.error(words(error)),
    onSettled: () => refreshTicket(client, ticket.id),
  });
  const before = ticket.fields[name];
  const text = textOf(before);
  const shown = save.isPending ? textOf(save.variables) : text;
  if (!mayEdit) return <bdi>{text === '' ? t('common.none') : text}</bdi>;
  if (!editing) {
    return (
      <button
        type="button"
        aria-label={`${t('common.edit')}${t('common.colon')} ${name}`}
        onClick={() => setEditing(true)}
        className="group -mx-1.5 flex w-full items-baseline gap-1.5 rounded px-1.5 text-start hover:bg-raised max-sm:py-1.5"
      >
        <bdi className={shown === '' ? 'text-soft' : 'min-w-0 break-words'}>
          {shown === '' ? t('ticketPage.setValue') : shown}
        </bdi>
        <Pencil
          size={11}
          aria-hidden="true"
          className="shrink-0 text-soft opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100"
        />
      </button>
    );
  }
  return (
    <input
      autoFocus
      aria-label={name}
      defaultValue={text}
      maxLength={10_000}
      onBlur={({ target }) => {
        setEditing(false);
        if (target.value.trim() !== text) save.mutate(valueOf(target.value, before));
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key !== 'Escape') return;
        // Nothing has changed, so that leaving the field saves nothing.
        event.currentTarget.value = text;
        setEditing(false);
      }}
      className="h-7 w-full rounded-md border border-line bg-raised px-1.5 max-sm:h-10 max-sm:text-base"
    />
  );
}
