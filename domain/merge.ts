// Merging: who may be merged into whom, what moves and what undoing gives back. Decisions only; the saga is workflows/merge.ts.
// A lease keeps two merges apart; after the survivor has absorbed, the merge only goes forward.
import type { PipelineStatus } from './desk.ts';
import { unansweredSinceMs } from './sla.ts';
import type {
  AbsorbedTicket,
  Decision,
  MergePayload,
  Ticket,
  TicketCommand,
  TicketEvent,
  TicketState,
} from './ticket-types.ts';

const MAX_ABSORBED = 250;

type MergeCommand = Extract<
  TicketCommand,
  { type: 'reserveMerge' | 'releaseMerge' | 'absorb' | 'seal' | 'unabsorb' | 'unseal' }
>;

/** What the loser hands over: references only. */
export function mergePayload(state: TicketState): MergePayload {
  return {
    tags: state.tags,
    followers: state.followers,
    unansweredSinceMs: unansweredSinceMs(state.ledger),
  };
}

/** Decides on one step of a merge or its undoing; every step is idempotent by mergeId. */
export function decideMerge(ticket: Ticket, command: MergeCommand, nowMs: number): Decision {
  switch (command.type) {
    case 'reserveMerge':
      return reserve(ticket, command, nowMs);
    case 'releaseMerge':
      return ticket.state.lease?.mergeId === command.mergeId
        ? events({ type: 'mergeReleased', mergeId: command.mergeId, cause: 'released' })
        : events();
    case 'absorb':
      return absorb(ticket, command, nowMs);
    case 'seal':
      return seal(ticket, command, nowMs);
    case 'unabsorb': {
      const entry = ticket.state.absorbed.find((one) => one.mergeId === command.mergeId);
      if (entry === undefined) return events();
      const { mergeId, ticketId } = entry;
      return events(...putBack(ticket, entry), { type: 'unabsorbed', mergeId, ticketId });
    }
    case 'unseal': {
      const { mergedInto } = ticket.state;
      return mergedInto?.mergeId === command.mergeId
        ? events({
            type: 'unmerged',
            mergeId: command.mergeId,
            fromTicketId: mergedInto.ticketId,
          })
        : events();
    }
  }
}

function events(...list: TicketEvent[]): Decision {
  return { ok: true, events: list };
}

function mergedAlready(ticket: Ticket, intoTicketId: number): Decision {
  return {
    ok: false,
    refusal: {
      code: 'ticketMerged',
      detail: `Ticket ${ticket.state.id} was merged into ticket ${intoTicketId}.`,
      ticketId: intoTicketId,
    },
  };
}

function leasedByOther(ticket: Ticket, mergeId: string, nowMs: number): boolean {
  const { lease } = ticket.state;
  return lease !== null && lease.mergeId !== mergeId && lease.untilMs > nowMs;
}

function busy(ticket: Ticket): Decision {
  return {
    ok: false,
    refusal: {
      code: 'ticketBusyMerging',
      detail: `Ticket ${ticket.state.id} takes part in another merge right now.`,
    },
  };
}

function reserve(
  ticket: Ticket,
  command: Extract<MergeCommand, { type: 'reserveMerge' }>,
  nowMs: number,
): Decision {
  const { state } = ticket;
  if (command.peerId === state.id) {
    return {
      ok: false,
      refusal: { code: 'mergeSelf', detail: 'A ticket cannot be merged into itself.' },
    };
  }
  if (state.mergedInto !== null) {
    return state.mergedInto.mergeId === command.mergeId
      ? events()
      : mergedAlready(ticket, state.mergedInto.ticketId);
  }
  if (leasedByOther(ticket, command.mergeId, nowMs)) return busy(ticket);
  if (state.lease?.mergeId === command.mergeId) return events();
  if (command.role === 'survivor' && state.absorbed.length >= MAX_ABSORBED) {
    return {
      ok: false,
      refusal: {
        code: 'limitReached',
        detail: `A ticket takes in at most ${MAX_ABSORBED} others.`,
      },
    };
  }
  const { mergeId, role, peerId, untilMs } = command;
  const heard = command.hears === true && role === 'loser' ? { heard: [] } : {};
  return events({ type: 'mergeReserved', lease: { mergeId, role, peerId, untilMs, ...heard } });
}

function absorb(
  ticket: Ticket,
  command: Extract<MergeCommand, { type: 'absorb' }>,
  nowMs: number,
): Decision {
  const { state } = ticket;
  if (state.absorbed.some((one) => one.mergeId === command.mergeId)) return events();
  if (state.mergedInto !== null) return mergedAlready(ticket, state.mergedInto.ticketId);
  if (leasedByOther(ticket, command.mergeId, nowMs)) return busy(ticket);
  const { tags, followers, unansweredSinceMs: waitingSinceMs } = command.payload;
  const absorbed: AbsorbedTicket = {
    mergeId: command.mergeId,
    ticketId: command.loserId,
    atMs: nowMs,
    tagsAdded: tags.filter((tag) => !state.tags.includes(tag)),
    followersAdded: followers.filter((one) => !state.followers.includes(one)),
    // An answered survivor inherits the loser's waiting customer; a survivor that waits already has its own, older or not.
    markAtMs:
      unansweredSinceMs(state.ledger) === null && waitingSinceMs !== null ? waitingSinceMs : null,
  };
  // The customer who waits now waits for this ticket: put aside, their clock would stand still.
  const opens =
    command.opens === true && absorbed.markAtMs !== null && state.category === 'waiting';
  const open = opens ? firstOpenStatus(ticket) : undefined;
  const opened: TicketEvent[] =
    open === undefined
      ? []
      : [
          {
            ...{ type: 'statusChanged', from: state.status, to: open.id },
            ...{ category: open.category, cause: 'merge' },
          },
        ];
  const moved = open === undefined ? {} : { moved: { from: state.status, to: open.id } };
  return events(...opened, { type: 'absorbed', absorbed: { ...absorbed, ...moved } });
}

/** The status that the merge had moved, unless somebody has moved it since. */
function putBack({ state, rules }: Ticket, { moved }: AbsorbedTicket): TicketEvent[] {
  const back = rules.pipeline.statuses.find(({ id }) => id === moved?.from);
  if (moved === undefined || back === undefined || state.status !== moved.to) return [];
  const { id: to, category } = back;
  return [{ type: 'statusChanged', from: state.status, to, category, cause: 'mergeUndone' }];
}

function firstOpenStatus({ rules }: Ticket): PipelineStatus | undefined {
  const { statuses } = rules.pipeline;
  return (
    statuses.find(({ category }) => category === 'open') ??
    statuses.find(({ category }) => category === 'new')
  );
}

function seal(
  ticket: Ticket,
  command: Extract<MergeCommand, { type: 'seal' }>,
  nowMs: number,
): Decision {
  const { state } = ticket;
  if (state.mergedInto !== null) {
    return state.mergedInto.mergeId === command.mergeId
      ? events()
      : mergedAlready(ticket, state.mergedInto.ticketId);
  }
  if (leasedByOther(ticket, command.mergeId, nowMs)) return busy(ticket);
  // Only an unbroken lease proves that no other merge has taken anything into this ticket since: without it, two stalled
  // merges could each end in the other.
  if (state.lease?.mergeId !== command.mergeId) {
    return {
      ok: false,
      refusal: {
        code: 'mergeConflict',
        detail: `The merge took too long: ticket ${state.id} is no longer held for it.`,
      },
    };
  }
  const { mergeId, survivorId: ticketId } = command;
  // What the loser has heard since it was held, the survivor may not have absorbed; it knows a message by its id.
  const heard = (state.lease.heard ?? []).map((message): TicketEvent => ({
    type: 'messagePassedOn',
    ticketId,
    message,
  }));
  return events({ type: 'mergedAway', mergeId, intoTicketId: ticketId }, ...heard);
}
