// Views beside their conditions: how they look, who sees them and who may change them.
import type { TicketSort } from './ticket-sort.ts';
import type { ViewConditions } from './view-conditions.ts';

export const VIEW_LAYOUTS = ['table', 'split', 'board'] as const;
export const VIEW_VISIBILITIES = ['private', 'teams', 'everyone'] as const;
export const VIEW_GROUPS = ['status', 'category', 'priority', 'assignee', 'team'] as const;
export const VIEW_COLUMNS = [
  ...(['id', 'subject', 'requester', 'company', 'status', 'category', 'priority'] as const),
  ...(['assignee', 'team', 'channel', 'tags', 'sla', 'due', 'language'] as const),
  ...(['createdAt', 'updatedAt', 'closedAt', 'snoozedUntil', 'pipeline'] as const),
] as const;

/** How many views one person may own. */
export const MAX_VIEWS_OWNED = 100;

/** What is saved of a view. */
export interface ViewValues {
  name: string;
  conditions: ViewConditions;
  columns: (typeof VIEW_COLUMNS)[number][];
  sort: TicketSort;
  layout: (typeof VIEW_LAYOUTS)[number];
  groupBy: (typeof VIEW_GROUPS)[number] | null;
  visibility: (typeof VIEW_VISIBILITIES)[number];
  teamIds: string[];
  position: number;
}

/** Who looks at views. */
export interface ViewReader {
  userId: string;
  admin: boolean;
}

/** Whether somebody may change or remove a view: its owner, and admins what is shared. */
export function mayEditView(
  view: { ownerId: string; visibility: ViewValues['visibility'] },
  viewer: ViewReader,
): boolean {
  return view.ownerId === viewer.userId || (viewer.admin && view.visibility !== 'private');
}
