// What a ticket is made of: its state, the commands it takes and the events that happen to it. Types only, plain JSON,
// ids and instants only: subjects, bodies and addresses stay in Postgres and are named by reference.
import type {
  ChannelKind,
  EscalationAction,
  FallbackStep,
  GoalName,
  Priority,
  RoutingDecision,
  StatusCategory,
  TicketRules,
} from './desk.ts';
import type { Refusal } from './errors.ts';
import type { SlaLedger } from './sla.ts';

/** Who did something. */
export type Actor =
  | { type: 'user'; userId: string }
  | { type: 'contact' }
  | { type: 'system'; cause: string };

/** A message on its way out that its deliver workflow has not reported yet. */
export interface PendingSend {
  messageId: string;
  /** A closeWarning is written by the desk: it stops no clock, assigns nobody and moves no status. */
  kind: 'reply' | 'forward' | 'closeWarning';
  acceptedAtMs: number;
  sendAtMs: number;
  /** A reply scheduled for later stops clocks and moves the status only when it has left. */
  scheduled: boolean;
  statusAfter: string | null;
  /** The status this reply moved the ticket from and to; goes back if it never reaches the customer. */
  moved?: { from: string; to: string };
}

/** How long a ticket has waited for its requester: what auto-close counts. */
export interface ContactWait {
  /** Since the last change of status or the last reply. */
  fromMs: number;
  /** Spans in which the ticket was snoozed; the last may be open. They do not count. */
  snoozes: [number, number | null][];
  /** The warning this wait has had. */
  warnedAtMs: number | null;
}

/** A merge's hold on a ticket; it expires by the ticket's own timer, so that a lost coordinator blocks nobody. */
export interface MergeLease {
  mergeId: string;
  role: 'loser' | 'survivor';
  peerId: number;
  untilMs: number;
  /** Customers' messages that reached a loser while it was held: the survivor hears of them when the loser is sealed. */
  heard?: ReceiveMessage[];
}

/** What a survivor took over, kept so that the merge can be undone exactly. */
export interface AbsorbedTicket {
  mergeId: string;
  ticketId: number;
  atMs: number;
  tagsAdded: string[];
  followersAdded: string[];
  markAtMs: number | null;
  /** The status it was opened from and to, for the wait it inherited. */
  moved?: { from: string; to: string };
}

/** What the loser of a merge hands to the survivor. */
export interface MergePayload {
  tags: string[];
  followers: string[];
  unansweredSinceMs: number | null;
}

/** Everything a ticket's workflow knows; what Postgres keeps to rebuild it. */
export interface TicketState {
  stateVersion: 1;
  id: number;
  version: number;
  createdAtMs: number;
  updatedAtMs: number;
  closedAtMs: number | null;
  pipelineId: string;
  status: string;
  category: StatusCategory;
  priority: Priority;
  requesterId: string;
  assigneeId: string | null;
  teamId: string | null;
  channel: ChannelKind;
  channelId: string | null;
  tags: string[];
  followers: string[];
  spam: boolean;
  snoozedUntilMs: number | null;
  snoozedUntilReply: boolean;
  /** Absent in states from before auto-close: read it by waitOf() in ticket-wait.ts. */
  wait?: ContactWait | null;
  routing: RoutingDecision | null;
  ledger: SlaLedger;
  fired: string[];
  escalationLevel: number;
  sends: PendingSend[];
  lease: MergeLease | null;
  mergedInto: { ticketId: number; mergeId: string; atMs: number } | null;
  absorbed: AbsorbedTicket[];
  /** The status that the last reply to arrive had moved the ticket from: goes back if that reply bounces. */
  lastMove?: { messageId: string; acceptedAtMs: number; from: string; to: string };
  seenMessages: string[];
  answers: { requestId: string; refusal: Refusal | null }[];
  ended: boolean;
}

/** A ticket with the rules that hold for it. */
export interface Ticket {
  state: TicketState;
  rules: TicketRules;
}

/** What the ingest transaction knows of a new ticket. */
export interface TicketBirth {
  id: number;
  createdAtMs: number;
  pipelineId: string;
  status: string;
  priority: Priority;
  requesterId: string;
  teamId: string | null;
  assigneeId: string | null;
  channel: ChannelKind;
  channelId: string | null;
  tags: string[];
  messages: ReceiveMessage[];
  routing: RoutingDecision | null;
}

/** Changes of PATCH: an absent key leaves the value, null clears it. */
export interface TicketChange {
  type: 'change';
  status?: string;
  /** To the first closed status of whatever pipeline the ticket is in; one that is closed already stays as it is. */
  close?: true;
  priority?: Priority;
  assigneeId?: string | null;
  teamId?: string | null;
  channelId?: string;
  pipeline?: TicketRules['pipeline'];
  tags?: string[];
  /** Changes of the tags it has, whatever they are by then. */
  addTags?: string[];
  removeTags?: string[];
  /** A row of ticket_edits with the new subject or fields, and the names of what it holds. */
  edit?: { editId: string; fields: string[] };
  /** An admin's word over the pipeline's moves; the API asks for the role. */
  override?: true;
  expectVersion?: number;
}

export interface ReceiveMessage {
  type: 'receiveMessage';
  messageId: string;
  atMs: number;
  automatic: boolean;
  bouncedMessageId?: string | null;
  bouncePermanent?: boolean;
  /** It failed for good at some recipient, be it one in copy. */
  bounceFailed?: boolean;
}

export type DeliveryOutcome = 'sent' | 'failed' | 'cancelled';

/** Everything a ticket can be told. The first group comes from people, the second is what happened outside. */
export type TicketCommand =
  | TicketChange
  | { type: 'reply'; messageId: string; sendAtMs?: number; status?: string }
  | { type: 'forward'; messageId: string; sendAtMs?: number }
  | { type: 'addNote'; messageId: string; mentions?: string[] }
  | { type: 'retrySend'; messageId: string; kind: 'reply' | 'forward'; status?: string }
  | { type: 'undoSend'; messageId: string }
  | { type: 'snooze'; untilMs: number | null; untilReply: boolean }
  | { type: 'unsnooze' }
  | { type: 'setSpam'; spam: boolean }
  | { type: 'follow'; userId: string; follow: boolean }
  | { type: 'recordSplit'; messageIds: string[]; intoTicketId: number }
  | ReceiveMessage
  | {
      type: 'reportDelivery';
      messageId: string;
      outcome: DeliveryOutcome;
      atMs: number;
      code: string | null;
    }
  | { type: 'acceptAssignment'; userId: string; teamId: string; reason: string }
  | { type: 'returnToQueue'; userId: string; teamId: string | null; reason: string }
  /** alone: nothing falls due under the rules given up any more; absent in histories before it. */
  | { type: 'adoptRules'; rules: TicketRules; alone?: true }
  | { type: 'wake' }
  | {
      type: 'reserveMerge';
      mergeId: string;
      role: 'loser' | 'survivor';
      peerId: number;
      untilMs: number;
      /** The loser keeps what it hears meanwhile for the survivor; absent in histories before it. */
      hears?: true;
    }
  | { type: 'releaseMerge'; mergeId: string }
  | {
      type: 'absorb';
      mergeId: string;
      loserId: number;
      payload: MergePayload;
      /** An inherited wait opens a waiting survivor; absent in histories before it. */
      opens?: true;
    }
  | { type: 'seal'; mergeId: string; survivorId: number }
  | { type: 'unabsorb'; mergeId: string }
  | { type: 'unseal'; mergeId: string };

/** Everything that can have happened to a ticket. Stored in histories and Postgres: never rename, only add. */
export type TicketEvent =
  | { type: 'created'; status: string; routing: RoutingDecision | null }
  | {
      type: 'statusChanged';
      from: string;
      to: string;
      category: StatusCategory;
      cause: string;
      /** When it counts from, where that is not when it was recorded: a step's own instant. */
      atMs?: number;
      /** Until when the ticket slept at that instant, where the snooze had ended too by the time the step was recorded. */
      sleptUntilMs?: number;
      /** The pipeline's moves forbid it: an admin insisted. */
      override?: true;
    }
  | { type: 'priorityChanged'; from: Priority; to: Priority }
  | {
      type: 'assigneeChanged';
      from: string | null;
      to: string | null;
      cause: string;
      reason: string | null;
    }
  | { type: 'assignmentDeclined'; userId: string }
  | {
      type: 'routingWidened';
      step: number;
      to: FallbackStep['to'];
      atMs: number;
      reason: string;
    }
  | { type: 'teamChanged'; from: string | null; to: string | null }
  | { type: 'channelChanged'; from: string | null; to: string }
  | { type: 'pipelineChanged'; from: string; pipeline: TicketRules['pipeline'] }
  | { type: 'tagsChanged'; added: string[]; removed: string[] }
  | { type: 'detailsEdited'; editId: string; fields: string[] }
  | { type: 'messageReceived'; messageId: string; automatic: boolean; atMs: number }
  | {
      type: 'bounceReceived';
      messageId: string;
      bouncedMessageId: string;
      permanent: boolean;
      failed?: boolean;
    }
  | { type: 'messagePassedOn'; ticketId: number; message: ReceiveMessage }
  | { type: 'replyAccepted'; send: PendingSend }
  | { type: 'forwardAccepted'; send: PendingSend }
  | { type: 'noteAdded'; messageId: string; mentions?: string[] }
  | { type: 'closeWarned'; send: PendingSend }
  | { type: 'sendRetried'; send: PendingSend }
  | { type: 'sendUndone'; messageId: string }
  | { type: 'deliverySucceeded'; messageId: string; atMs: number }
  | { type: 'deliveryFailed'; messageId: string; code: string | null }
  | { type: 'snoozed'; untilMs: number | null; untilReply: boolean }
  | { type: 'unsnoozed'; cause: string }
  | { type: 'spamChanged'; spam: boolean }
  | { type: 'followersChanged'; userId: string; follows: boolean }
  | { type: 'messagesSplit'; messageIds: string[]; intoTicketId: number }
  /**
   * keeps: steps taken for a present wait stay taken though these rules do not have them. before and moved are for readers, and are
   * absent in events recorded before they were told.
   */
  | {
      type: 'rulesAdopted';
      rules: TicketRules;
      keeps?: true;
      before?: CarriedVersions;
      moved?: DueMove[];
    }
  | { type: 'goalDueSoon'; goal: GoalName; key: string; atMs: number }
  | { type: 'goalBreached'; goal: GoalName; key: string; breachedAtMs: number }
  | {
      type: 'escalated';
      goal: GoalName;
      key: string;
      atMs: number;
      actions: EscalationAction[];
      /** 1 for the first time the step happens again. */
      repetition?: number;
    }
  | { type: 'mergeReserved'; lease: MergeLease }
  | { type: 'mergeReleased'; mergeId: string; cause: string }
  | { type: 'absorbed'; absorbed: AbsorbedTicket }
  | { type: 'unabsorbed'; mergeId: string; ticketId: number }
  | { type: 'mergedAway'; mergeId: string; intoTicketId: number }
  | { type: 'unmerged'; mergeId: string; fromTicketId: number }
  | { type: 'spamExpired' }
  | { type: 'ended' };

/** Which versions a ticket carried, as of which save of the desk. */
export interface CarriedVersions {
  revision: number;
  policyId: string | null;
  policyVersion: number | null;
  calendarId: string | null;
  calendarVersion: number | null;
}

/** A deadline that other rules have moved; null where there was or is none. */
export interface DueMove {
  goal: GoalName;
  beforeMs: number | null;
  afterMs: number | null;
}

/** An event as it is recorded: numbered by its ticket, with who and when. */
export interface RecordedEvent {
  seq: number;
  atMs: number;
  actor: Actor;
  event: TicketEvent;
}

/** What decide() answers: the events to record (none when nothing would change), or why not. */
export type Decision = { ok: true; events: TicketEvent[] } | { ok: false; refusal: Refusal };
