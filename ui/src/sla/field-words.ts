// What conditions ask for, in words that need nothing of the desk: fields, operators and channels.
import type { TFunction } from 'i18next';

/** Fields that conditions can ask for, beside those of the desk's own. */
export const FIELDS = [
  ...(['priority', 'teamId', 'tags', 'channel', 'mailbox', 'requesterEmail'] as const),
  ...(['requesterDomain', 'companyId', 'subject', 'body', 'language'] as const),
  ...(['assigneeId', 'pipelineId', 'status'] as const),
];
type KnownField = (typeof FIELDS)[number];
export const isKnownField = (field: string): field is KnownField =>
  FIELDS.some((one) => one === field);

/** A field by its name; one of the desk's own is called what the desk calls it. */
export const fieldWords = (field: string, t: TFunction): string =>
  isKnownField(field) ? t(`slaAdmin.fields.${field}`) : field.replace(/^fields\./, '');

const KINDS = ['email', 'api', 'form'] as const;
export function channelWords(channel: string, t: TFunction): string {
  const kind = KINDS.find((known) => known === channel);
  return kind === undefined ? channel : t(`slaAdmin.channelKinds.${kind}`);
}
