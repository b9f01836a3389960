// Changing what stands beside tickets, where it is seen: which cards, in which order, for everybody or for a team.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { CARD_FIELDS, PLAIN_CARDS } from '#domain/sidebar.ts';
import { call } from '../../api/client.ts';
import { useAll, useTeams } from '../../api/queries.ts';
import type { SidebarCard, SidebarLayout, Ticket } from '../../api/types.ts';
import { Failure, Skeleton, useWordsFor } from '../../components/bits.tsx';
import { Button, IconButton } from '../../components/button.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { MoveHandle, rowAt } from '../../components/move-handle.tsx';
import { Picker } from '../../components/picker.tsx';
import { moved } from '../../sla/order.ts';
import { useFieldName } from './field-names.ts';

const LAYOUTS = '/api/v1/sidebar-layouts';
const EVERYBODY = 'everybody';

export function Customise({
  ticket,
  layout,
  onClose,
}: {
  ticket: Ticket;
  /** The one that the reader sees. */
  layout: SidebarLayout;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const layouts = useAll<SidebarLayout>(LAYOUTS);
  const teams = useTeams();
  const [whose, setWhose] = useState(layout.teamId ?? EVERYBODY);
  if (layouts.isPending || teams.isPending) return <Skeleton lines={6} />;
  if (layouts.isError)
    return <Failure error={layouts.error} again={() => void layouts.refetch()} />;
  const teamId = whose === EVERYBODY ? null : whose;
  const own = layouts.data.find((one) => one.teamId === teamId);
  const everybodys = layouts.data.find((one) => one.teamId === null);
  return (
    <section aria-label={t('ticketPage.customise')} className="flex flex-col gap-3 p-4">
      <h3 className="font-semibold">{t('ticketPage.customise')}</h3>
      <SelectField
        label={t('ticketPage.layoutFor')}
        {...(own === undefined ? { hint: t('ticketPage.layoutNew') } : {})}
        value={whose}
        onChange={({ target }) => setWhose(target.value)}
      >
        <option value={EVERYBODY}>{t('ticketPage.everybody')}</option>
        {(teams.data ?? []).map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <Editor
        key={`${whose} ${own?.version ?? 0}`}
        {...{ ticket, teamId, onClose }}
        own={own ?? null}
        start={(own ?? everybodys ?? layout).cards}
      />
    </section>
  );
}

interface Draft {
  /** Keeps a card's row while it moves. */
  key: number;
  card: SidebarCard;
}

function Editor({
  ticket,
  teamId,
  own,
  start,
  onClose,
}: {
  ticket: Ticket;
  teamId: string | null;
  own: SidebarLayout | null;
  start: readonly SidebarCard[];
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const list = useRef<HTMLUListElement>(null);
  const keys = useRef(start.length);
  const [drafts, setDrafts] = useState<Draft[]>(() => start.map((card, key) => ({ card, key })));
  const { save, remove } = useLayoutActs(own, teamId, onClose);
  const change = (key: number, card: SidebarCard): void =>
    setDrafts(drafts.map((one) => (one.key === key ? { key, card } : one)));
  const add = (type: string): void => {
    keys.current += 1;
    const plain = PLAIN_CARDS.find((one) => one === type);
    const card: SidebarCard =
      plain === undefined
        ? { type: 'properties', title: null, fields: ['status', 'priority'] }
        : { type: plain };
    setDrafts([...drafts, { key: keys.current, card }]);
  };
  // A list without properties would be refused: it is left out.
  const cards = drafts
    .map(({ card }) => card)
    .filter((card) => card.type !== 'properties' || card.fields.length > 0);
  return (
    <>
      <ul ref={list} className="flex flex-col gap-1.5">
        {drafts.map(({ key, card }, index) => (
          <CardRow
            key={key}
            {...{ card, ticket }}
            onChange={(next) => change(key, next)}
            onRemove={() => setDrafts(drafts.filter((one) => one.key !== key))}
            onStep={(by) => setDrafts(moved(drafts, index, index + by))}
            onDrag={(y) => {
              const over = rowAt(list.current, y);
              if (over !== -1) setDrafts(moved(drafts, index, over));
            }}
          />
        ))}
      </ul>
      <AddCard {...{ drafts, add }} />
      <div className="flex flex-wrap justify-end gap-2 border-t border-line pt-3">
        {own === null || own.teamId === null ? null : (
          <Button
            kind="danger"
            className="me-auto"
            busy={remove.isPending}
            onClick={() => remove.mutate(own.id)}
          >
            {t('ticketPage.layoutRemove')}
          </Button>
        )}
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button kind="primary" busy={save.isPending} onClick={() => save.mutate(cards)}>
          {t('common.save')}
        </Button>
      </div>
    </>
  );
}

/** Saving the layout, and giving a team everybody's again; either shows at once on every ticket. */
function useLayoutActs(own: SidebarLayout | null, teamId: string | null, onClose: () => void) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const client = useQueryClient();
  const teams = useTeams();
  const name = own?.name ?? teams.data?.find(({ id }) => id === teamId)?.name ?? 'Default';
  const done = async (said: string): Promise<void> => {
    await client.invalidateQueries({ queryKey: ['all', LAYOUTS] });
    await client.invalidateQueries({ queryKey: ['ticket'] });
    toast.success(said);
    onClose();
  };
  const onError = (error: unknown): void => void toast.error(words(error));
  const save = useMutation({
    mutationFn: (cards: readonly SidebarCard[]) =>
      own === null
        ? call('POST', LAYOUTS, { body: { name, teamId, cards } })
        : call('PUT', `${LAYOUTS}/${own.id}`, {
            body: { name, teamId, cards, version: own.version },
          }),
    onSuccess: () => done(t('ticketPage.layoutSaved')),
    onError,
  });
  const remove = useMutation({
    mutationFn: (id: string) => call('DELETE', `${LAYOUTS}/${id}`),
    onSuccess: () => done(t('ticketPage.layoutRemoved')),
    onError,
  });
  return { save, remove };
}

function CardRow({
  card,
  ticket,
  onChange,
  onRemove,
  onStep,
  onDrag,
}: {
  card: SidebarCard;
  ticket: Ticket;
  onChange: (card: SidebarCard) => void;
  onRemove: () => void;
  onStep: (by: number) => void;
  onDrag: (y: number) => void;
}) {
  const { t } = useTranslation();
  const name =
    card.type === 'properties' && card.title !== null
      ? card.title
      : t(`ticketPage.cards.${card.type}`);
  return (
    <li className="rounded-lg border border-line bg-raised p-1">
      <div className="flex items-center gap-1">
        <MoveHandle label={t('ticketPage.moveCard', { name })} {...{ onStep, onDrag }} />
        <span className="min-w-0 flex-1 py-1.5 font-medium break-words">{name}</span>
        <IconButton label={t('ticketPage.removeCard', { name })} onClick={onRemove}>
          <X size={15} aria-hidden="true" />
        </IconButton>
      </div>
      {card.type === 'properties' ? (
        <div className="flex flex-col gap-2 px-2 pb-2">
          <TextField
            label={t('ticketPage.cardTitle')}
            placeholder={t('ticketPage.cards.properties')}
            maxLength={100}
            value={card.title ?? ''}
            onChange={({ target }) =>
              onChange({ ...card, title: target.value === '' ? null : target.value })
            }
          />
          <Fields
            ticket={ticket}
            fields={card.fields}
            onChange={(fields) => onChange({ ...card, fields })}
          />
        </div>
      ) : null}
    </li>
  );
}

type Field = Extract<SidebarCard, { type: 'properties' }>['fields'][number];

function Fields({
  ticket,
  fields,
  onChange,
}: {
  ticket: Ticket;
  fields: readonly Field[];
  onChange: (fields: Field[]) => void;
}) {
  const { t } = useTranslation();
  const nameOf = useFieldName();
  const list = useRef<HTMLUListElement>(null);
  const all: string[] = [
    ...CARD_FIELDS,
    ...Object.keys(ticket.fields).map((one) => `fields.${one}`),
  ];
  const toggle = (field: string): void =>
    onChange(
      fields.includes(field as Field)
        ? fields.filter((one) => one !== field)
        : [...fields, field as Field],
    );
  return (
    <>
      <ul ref={list} className="flex flex-col gap-0.5">
        {fields.map((field, index) => (
          <li key={field} className="flex items-center gap-1 rounded-md bg-sunken">
            <MoveHandle
              label={t('ticketPage.moveCard', { name: nameOf(field) })}
              onStep={(by) => onChange(moved(fields, index, index + by))}
              onDrag={(y) => {
                const over = rowAt(list.current, y);
                if (over !== -1) onChange(moved(fields, index, over));
              }}
            />
            <span className="min-w-0 flex-1 truncate text-[13px]">{nameOf(field)}</span>
            <IconButton
              label={t('ticketPage.removeCard', { name: nameOf(field) })}
              className="size-7"
              onClick={() => toggle(field)}
            >
              <X size={13} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
      </ul>
      <Picker
        several
        label={t('ticketPage.addField')}
        choices={all.map((id) => ({ id, label: nameOf(id) }))}
        chosen={fields}
        onChoose={toggle}
        onCreate={(text) => toggle(`fields.${text.slice(0, 100)}`)}
        trigger={
          <Button small kind="ghost" className="self-start">
            <Plus size={14} aria-hidden="true" /> {t('ticketPage.addField')}
          </Button>
        }
      />
    </>
  );
}

function AddCard({ drafts, add }: { drafts: readonly Draft[]; add: (type: string) => void }) {
  const { t } = useTranslation();
  const there = new Set(drafts.map(({ card }) => card.type));
  const types = ['properties', ...PLAIN_CARDS.filter((one) => !there.has(one))] as const;
  return (
    <Picker
      label={t('ticketPage.addCard')}
      choices={types.map((id) => ({ id, label: t(`ticketPage.cards.${id}`) }))}
      chosen={[]}
      onChoose={add}
      trigger={
        <Button className="self-start">
          <Plus size={15} aria-hidden="true" /> {t('ticketPage.addCard')}
        </Button>
      }
    />
  );
}
