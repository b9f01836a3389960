// What the API answers, under the names the workspace uses. Types only.
import type { Permission, Role } from '#domain/permissions.ts';
import type {
  CannedReplyWire,
  DraftWire,
  EventWire,
  LiveWire,
  MovePreviewWire,
  MessageWire,
  NoticeWire,
  PageWire,
  SidebarLayoutWire,
  TicketContextWire,
  OperationsWire,
  PresenceWire,
  RecommendedReplyWire,
  ReplyDefaultsWire,
  SlaWire,
  SummaryWire,
  TicketWire,
  TimelineItemWire,
} from '#api/wire-types.ts';

export type Ticket = TicketWire;
export type Message = MessageWire;
export type TicketEvent = EventWire;
export type TimelineItem = TimelineItemWire;
export type Live = LiveWire;
export type TicketContext = TicketContextWire;
/** What stands around a ticket on its page. */
export type Around = Omit<TicketContextWire, 'ticket'>;
export type MovePreview = MovePreviewWire;
export type SidebarLayout = SidebarLayoutWire;
export type SidebarCard = SidebarLayout['cards'][number];
export type Sla = SlaWire;
export type Summary = SummaryWire;
export type Operations = OperationsWire;
export type Notice = NoticeWire;
export type Presence = PresenceWire;
export type DraftOnDesk = DraftWire;
export type ReplyDefaults = ReplyDefaultsWire;
export type RecommendedReply = RecommendedReplyWire;
export type CannedReply = CannedReplyWire;
export type Page<T> = PageWire<T>;
export type Priority = Ticket['priority'];
export type GoalName = 'firstReply' | 'nextReply' | 'close';

/** Who is signed in, and what they may do. */
export interface Me {
  user: {
    id: string;
    name: string;
    email: string;
    role: Role;
    seat: boolean;
    teamIds: string[];
    availability: 'available' | 'away';
  };
  permissions: Permission[];
  twoFactor: boolean;
  /** Where in the stream of events the page begins to listen. */
  changesFrom: string;
}
export interface Person {
  id: string;
  name: string;
  email: string;
  role: string;
  seat: boolean;
  availability: 'available' | 'away';
  active: boolean;
  version: number;
}
export interface Team {
  id: string;
  name: string;
  members: { userId: string; main: boolean; lead: boolean }[];
}
export interface Status {
  id: string;
  name: string;
  category: Ticket['category'];
}
export interface Pipeline {
  id: string;
  name: string;
  statuses: Status[];
}
