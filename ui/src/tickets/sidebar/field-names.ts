// What properties of a ticket are called; the desk's own are called by their key.
import { useTranslation } from 'react-i18next';
import { CARD_FIELDS } from '#domain/sidebar.ts';

/** A property that every ticket has. */
export type PlainField = (typeof CARD_FIELDS)[number];

/** Whether it is one of the desk's own. */
export const isCustom = (field: string): boolean => field.startsWith('fields.');

/** The field of every ticket of this name; a layout was checked when it was saved, so that there is one. */
export const plainField = (field: string): PlainField =>
  CARD_FIELDS.find((one) => one === field) ?? 'status';

/** Finds the name of a property. */
export function useFieldName(): (field: string) => string {
  const { t } = useTranslation();
  const names: Record<PlainField, string> = {
    assigneeId: t('list.assignee'),
    teamId: t('ticket.team'),
    status: t('ticket.status'),
    priority: t('ticket.priority'),
    pipelineId: t('ticket.pipeline'),
    channel: t('ticket.channel'),
    tags: t('ticket.tags'),
    requester: t('ticket.requester'),
    company: t('ticketPage.company'),
    createdAt: t('views.columnNames.createdAt'),
    updatedAt: t('views.columnNames.updatedAt'),
    closedAt: t('views.columnNames.closedAt'),
    language: t('views.columnNames.language'),
    escalationLevel: t('ticketPage.escalationLevel'),
  };
  return (field) => (isCustom(field) ? field.slice('fields.'.length) : names[plainField(field)]);
}
