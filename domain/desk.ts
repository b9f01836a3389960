// The words every part of the desk shares: statuses, priorities, conditions, rules, settings. Types and tiny tables only.
import type { CompiledCalendar } from './business-calendar.ts';

/** What a status means to clocks and lists, whatever an admin calls it. */
export type StatusCategory = 'new' | 'open' | 'waiting' | 'closed';

/** From least to most pressing. */
export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Where a ticket can come from today. */
export type ChannelKind = 'email' | 'api' | 'form';

/** One status of a pipeline. */
export interface PipelineStatus {
  id: string;
  name: string;
  category: StatusCategory;
  /** False: a ticket cannot be created in it. Absent means true. */
  atCreation?: boolean;
}

/** Which moves of people a pipeline allows; without it every move is free. What the desk does by itself is never held back. */
export interface PipelineMoves {
  /** Forward only to the next status. */
  forbidSkips?: boolean | undefined;
  /** Not to a status before this one; reopening a closed ticket is no step back. */
  forbidBackward?: boolean | undefined;
  /** By status: with a rule above, further targets; without one, the only targets. */
  allowedTo?: Record<string, string[]> | undefined;
}

/** A pipeline as a ticket carries it, statuses in their order. */
export interface Pipeline {
  id: string;
  statuses: PipelineStatus[];
  moves?: PipelineMoves | null;
  /** Where tickets of a removed status go. */
  replaced?: Record<string, string>;
  /** Removed pipelines whose tickets belong here now. */
  takesOver?: string[];
}

/** A status by name, or the first of a category. */
export type StatusTarget = { status: string } | { category: StatusCategory };

/** Events by mail that can move a ticket. */
export const EMAIL_EVENTS = [
  'customerReply',
  'agentReply',
  'firstInbound',
  'deliveryFailed',
  'bounce',
] as const;
export type EmailEvent = (typeof EMAIL_EVENTS)[number];

/** Where an event by mail moves a ticket to; null leaves it, an absent one is decided elsewhere. */
export type StatusOn = { [event in EmailEvent]?: StatusTarget | null | undefined };

/** What a warning before auto-close can be filled with. */
export const CLOSE_WARNING_PLACEHOLDERS = ['ticketId', 'subject', 'requesterName'] as const;

/** When a ticket that waits for its requester closes itself, as an admin wrote it. Seconds count in working time. */
export interface AutoCloseSetting {
  afterSeconds: number;
  /** Counts where the ticket's policy has no calendar; null counts around the clock. */
  calendarId?: string | null | undefined;
  warnBeforeSeconds?: number | undefined;
  warning?: { subject?: string | undefined; body: string } | undefined;
}

/** What an admin sets per pipeline beside its statuses; an absent key follows the desk. */
export interface PipelineSettings {
  moves?: PipelineMoves | null;
  statusOn?: StatusOn;
  autoClose?: AutoCloseSetting | null;
  replaced?: Record<string, string>;
}

/** A pipeline with all of that. */
export interface DeskPipeline extends Pipeline {
  settings?: PipelineSettings;
}

/** Auto-close as a ticket carries it: no texts, and a calendar only where the policy's does not count. */
export interface AutoClose {
  afterMs: number;
  warnBeforeMs: number | null;
  calendar: CompiledCalendar | null;
}

/** Fields that conditions of routing rules and SLA policies can look at. `fields.<name>` is a custom field. */
export type ConditionField =
  | 'channel'
  | 'mailbox'
  | 'subject'
  | 'body'
  | 'requesterEmail'
  | 'requesterDomain'
  | 'companyId'
  | 'language'
  | 'priority'
  | 'tags'
  | 'teamId'
  | 'assigneeId'
  | 'pipelineId'
  | 'status'
  | `fields.${string}`;

/** How a condition compares; `in`/`notIn` take a list, text compares without regard to case. */
export type ConditionOp =
  | 'is'
  | 'isNot'
  | 'in'
  | 'notIn'
  | 'contains'
  | 'notContains'
  | 'startsWith'
  | 'isSet'
  | 'isNotSet';

/** One condition; a rule's conditions must all hold. */
export interface Condition {
  field: ConditionField;
  op: ConditionOp;
  value?: string | number | boolean | string[] | null;
}

/** What conditions are judged on, gathered outside workflows since it holds personal data. */
export interface TicketFacts {
  ticketId: number;
  createdAtMs: number;
  channel: ChannelKind;
  mailbox: string | null;
  subject: string;
  body: string;
  requesterEmail: string | null;
  companyId: string | null;
  language: string | null;
  priority: Priority;
  tags: string[];
  teamId: string | null;
  assigneeId: string | null;
  pipelineId: string;
  status: string;
  fields: Record<string, unknown>;
}

/** The three SLA goals. */
export const GOAL_NAMES = ['firstReply', 'nextReply', 'close'] as const;
export type GoalName = (typeof GOAL_NAMES)[number];

/** One goal's promise in working time. */
export interface GoalTarget {
  seconds: number;
  dueSoonSeconds?: number | undefined;
}

/** What a step does with nothing but ids. */
type PlainAction =
  | { type: 'notify'; to: 'assignee' | 'teamLeads' | 'team' | { userId: string } }
  | { type: 'raisePriority'; to?: Priority | undefined }
  | { type: 'reassign'; to: { teamId: string } | { userId: string } }
  | { type: 'addTag'; tag: string }
  | { type: 'setStatus'; status: string };

/** What an escalation step does, as an admin wrote it: it may name people outside and hold words for people. */
export type EscalationActionDefinition =
  | PlainAction
  | { type: 'notify'; to: { email: string } | { webhookUrl: string } }
  | { type: 'postNote'; body: string };

/** Where an action stands in a stored policy version: what a ticket carries in place of addresses and words. */
export interface ActionRef {
  policyId: string;
  version: number;
  step: number;
  action: number;
}

/** What an escalation step does, as a ticket carries it through Temporal. */
export type EscalationAction =
  | PlainAction
  | { type: 'notify'; to: 'email' | 'webhook'; ref: ActionRef }
  | { type: 'postNote'; ref: ActionRef };

/** When a step of the ladder is due; seconds count in working time before or after the goal's due instant. */
export type EscalationWhen =
  | 'dueSoon'
  | 'overdue'
  | { afterSeconds: number }
  | { beforeSeconds: number };

/** When a step of the ladder happens, and how often. */
interface StepTimes {
  goal: GoalName;
  when: EscalationWhen;
  /** What its seconds count: working time (when absent) or all of it. */
  hours?: 'working' | 'always' | undefined;
  /** It happens again every so often, so many times, until the goal is completed. */
  repeat?: { everySeconds: number; times: number } | undefined;
}

/** One step of the ladder, as an admin wrote it. */
export interface EscalationStepDefinition extends StepTimes {
  actions: EscalationActionDefinition[];
}

/** One step of the ladder, as a ticket carries it. */
export interface EscalationStep extends StepTimes {
  actions: EscalationAction[];
  /** Its name by content where the content stayed behind; elsewhere it is computed from the step. */
  key?: string;
}

/** A saved SLA policy version, as an admin wrote it. */
export interface SlaPolicyDefinition {
  name: string;
  conditions: Condition[];
  calendarId: string | null;
  goals: Partial<Record<GoalName, GoalTarget>>;
  pauseStatuses: string[];
  escalations: EscalationStepDefinition[];
  appliesTo: 'newTickets' | 'newAndOpenTickets';
  /** Its place in the order, as of this version; absent in versions before it, which stand where the policy stands now. */
  position?: number;
}

/** The policy version a ticket carries: everything its deadlines depend on, compiled, no look-ups left. */
export interface CompiledPolicy {
  policyId: string;
  version: number;
  name: string;
  calendarId: string | null;
  calendarVersion: number | null;
  calendar: CompiledCalendar;
  goals: Partial<Record<GoalName, GoalTarget>>;
  pauseStatuses: string[];
  escalations: EscalationStep[];
  /** Why this policy rules the ticket: the conditions that matched, in words. */
  why: string[];
}

/** Desk-wide settings with their defaults in DEFAULT_SETTINGS. */
export interface DeskSettings {
  replyAssigns: boolean;
  /** Category a ticket moves to when a public reply leaves; null leaves the status alone. */
  statusAfterReply: 'waiting' | null;
  /** Where events by mail move a ticket to; an agent's reply has statusAfterReply. A pipeline may say otherwise. */
  statusOn: {
    customerReply: { category: Exclude<StatusCategory, 'closed'> } | null;
  } & Record<'firstInbound' | 'deliveryFailed' | 'bounce', { category: StatusCategory } | null>;
  /** Closes tickets that wait for their requester too long; a pipeline may say otherwise. */
  autoClose: AutoCloseSetting | null;
  /** Spam is deleted for good after this; null keeps it. */
  spamDeleteAfterDays: number | null;
  reopenWindowDays: number;
  undoSendSeconds: number;
  /** How long a delivery is tried before it counts as failed. */
  deliveryGiveUpHours: number;
  /** Automatic mails one sender may cause or send in a day before the rest is ignored. */
  automaticPerSenderPerDay: number;
  /** Messages one sender may send in an hour before further ones are quarantined. */
  messagesPerSenderPerHour: number;
  /** Whether open tickets of somebody who became away go back to their team's queue, and how long after. */
  awayReassign: { enabled: boolean; afterSeconds: number };
  /** What becomes of a ticket that a customer's reply opens while its assignee is away. */
  reopenedWhenAway: 'stay' | 'teamQueue';
}

/** What holds until an admin says otherwise. */
export const DEFAULT_SETTINGS: DeskSettings = {
  replyAssigns: true,
  statusAfterReply: 'waiting',
  statusOn: {
    customerReply: { category: 'open' },
    firstInbound: null,
    deliveryFailed: null,
    bounce: null,
  },
  autoClose: null,
  spamDeleteAfterDays: 90,
  reopenWindowDays: 14,
  undoSendSeconds: 10,
  deliveryGiveUpHours: 72,
  automaticPerSenderPerDay: 10,
  messagesPerSenderPerHour: 100,
  awayReassign: { enabled: false, afterSeconds: 3_600 },
  reopenedWhenAway: 'stay',
};

/** What a ticket's workflow needs of the desk's settings; carried in its state and renewed when the revision moves. */
export interface TicketRules {
  /** desk_revision these rules were read at. */
  revision: number;
  policy: CompiledPolicy | null;
  pipeline: Pipeline;
  replyAssigns: boolean;
  statusAfterReply: 'waiting' | null;
  /** These three are absent in rules carried from before they were settings: nothing but the customer's reply moves, nothing closes itself. */
  statusOn?: StatusOn;
  autoClose?: AutoClose | null;
  spamDeleteAfterMs?: number | null;
  reopenWindowMs: number;
  undoSendMs: number;
  deliveryGiveUpMs: number;
}

/** Where a rule's ticket is offered when nobody took it in time: to the whole team (its skills dropped), or to another team. */
export interface FallbackStep {
  /** Counted from the instant the ticket began to wait, not from the step before. */
  afterSeconds: number;
  to: 'team' | { teamId: string };
}

/** The last automatic decision on where a ticket goes, and why; stored with the ticket and shown. Decisions of older code lack the optional parts. */
export interface RoutingDecision {
  ruleId: string | null;
  ruleName: string | null;
  ruleVersion?: number | null;
  teamId: string | null;
  userId: string | null;
  /** One sentence for people. */
  reason: string;
  atMs: number;
  /** The rule's steps as they were when it took the ticket; absent when it has none. */
  fallback?: FallbackStep[];
  /** How many of them have been taken. */
  stepsTaken?: number;
  /** A step to the whole team was taken: the rule's skills are asked for no more. */
  skillsDropped?: boolean;
  /** Since when it waits for somebody; the steps count from here. */
  waitsSinceMs?: number;
}
