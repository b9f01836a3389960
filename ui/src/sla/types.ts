// Policies, calendars, their versions, trials and rollouts as the API answers them. Types and the API's addresses only.
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import type { GoalName, SlaPolicyDefinition } from '#domain/desk.ts';

export const POLICIES = '/api/v1/sla-policies';
export const CALENDARS = '/api/v1/calendars';

/** A policy as it is saved: its definition with its place in the order. */
export interface PolicyContent extends Omit<SlaPolicyDefinition, 'position'> {
  position: number;
}
export interface Policy extends PolicyContent {
  id: string;
  version: number;
  savedAt: string;
}
export interface CalendarContent extends CalendarDefinition {
  name: string;
}
export interface Calendar extends CalendarContent {
  id: string;
  version: number;
}
export type Reach = SlaPolicyDefinition['appliesTo'];

/** One field that differs between two versions. */
export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
}
export interface SavedVersion {
  version: number;
  savedAt: string;
  savedBy: { id: string; name: string } | null;
  reason: string | null;
  current: boolean;
  appliesTo?: Reach;
  changes: FieldChange[];
}
export interface Rollout {
  id: string;
  version: number;
  state: 'planning' | 'running' | 'paused' | 'cancelled' | 'superseded' | 'finished';
  total: number;
  done: number;
  failed: number;
  urgent: number;
  urgentDone: number;
  perSecond: number | null;
  secondsLeft: number | null;
  startedAt: string;
  finishedAt: string | null;
  workflow: { id: string; url: string };
}
export interface Attainment {
  met: number;
  missed: number;
}
export interface Compared {
  before: Attainment;
  after: Attainment;
}
export interface ChangedTickets {
  count: number;
  sample: {
    ticketId: number;
    goal: GoalName;
    dueBefore: string | null;
    dueAfter: string | null;
  }[];
}
export interface TrialResult {
  tickets: number;
  concerned: number;
  goals: Record<GoalName, Compared>;
  byTeam: Record<string, Compared>;
  byPriority: Record<string, Compared>;
  newlyMissed: ChangedTickets;
  saved: ChangedTickets;
}
export interface Trial {
  id: string;
  state: 'running' | 'cancelled' | 'finished' | 'failed';
  looked: number;
  total: number | null;
  result: TrialResult | null;
}
export interface HolidayImport {
  added: { date: string; name: string }[];
  known: { date: string; name: string }[];
  skipped: { name: string; reason: string }[];
}
/** A policy or calendar with its versions: where it lives, and which version is in force. */
export interface VersionedThing {
  path: string;
  id: string;
  present: number;
}
