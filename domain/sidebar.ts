// The cards that stand beside a ticket. Pure.

/** Cards without anything to choose. */
export const PLAIN_CARDS = [
  'contact',
  'company',
  'otherTickets',
  'sla',
  'workflow',
  'routing',
  'followers',
] as const;

/** Fields of a ticket that a list of properties can show; `fields.<name>` is a custom one. */
export const CARD_FIELDS = [
  'assigneeId',
  'teamId',
  'status',
  'priority',
  'pipelineId',
  'channel',
  'tags',
  'requester',
  'company',
  'createdAt',
  'updatedAt',
  'closedAt',
  'language',
  'escalationLevel',
] as const;

/** One card; the order is the list's. */
export type SidebarCard =
  | { type: 'properties'; title: string | null; fields: string[] }
  | { type: (typeof PLAIN_CARDS)[number] };
