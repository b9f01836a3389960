// One workflow per ticket: wires messages to the entity, waits, continues as new. Its id is ticket-<id>.
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  log,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { OpenTicketInput, OpenTicketResult } from '#activities/contract.ts';
import type { TicketCommand } from '#domain/ticket-types.ts';
import { localProjection, projection } from './activities.ts';
import {
  actUpdate,
  agentAssignedSignal,
  assigneeAwaySignal,
  deliveryReportedSignal,
  EVENTS_OF_A_RUN,
  liveQuery,
  messageReceivedSignal,
  messagesSplitSignal,
  nudgeSignal,
  openedUpdate,
  rulesChangedSignal,
} from './messages.ts';
import type { ActResult, TicketInput, TicketRequest } from './messages.ts';
import { TicketEntity } from './ticket-entity.ts';
import type { CommandOrder } from './ticket-entity.ts';

/** Of runs that began before their limit stood in their input. */
const CONTINUE_AS_NEW_AFTER_EVENTS = 2_000;

/** A ticket's life, from creation to the end of its reopen window; rebuilt from Postgres when it starts without state. */
export async function ticket(input: TicketInput): Promise<void> {
  let entity: TicketEntity | null =
    input.carried === undefined ? null : new TicketEntity(input.carried, commandOrderOfRun());
  let newestRevision = 0;
  // Facts that arrive before the ticket is read wait here, in server order.
  const early: { command: TicketCommand; cause: string }[] = [];
  const tell = (command: TicketCommand, cause: string): void => {
    if (entity === null) early.push({ command, cause });
    else entity.tell(command, cause);
  };
  const opened = async (): Promise<TicketEntity> => {
    await condition(() => entity !== null);
    if (entity === null) throw ApplicationFailure.nonRetryable('not open', 'internal');
    return entity;
  };

  const actWhenOpen = async (requests: TicketRequest[]): Promise<ActResult> => {
    const open = await opened();
    return open.commandOrder === 1 ? open.actInOrder1(requests) : open.act(requests);
  };
  const act = (requests: TicketRequest[]): ActResult | Promise<ActResult> =>
    entity === null || entity.commandOrder === 1 ? actWhenOpen(requests) : entity.act(requests);

  setHandler(actUpdate, act, {
    validator: (requests) => refuseAll(entity, requests),
    description: 'Commands of people on this ticket, in order.',
  });
  setHandler(openedUpdate, async () => ({ version: (await opened()).snapshot().state.version }), {
    description: 'Returns when the ticket is routed and readable.',
  });
  setHandler(messageReceivedSignal, (message) => tell(message, 'messageReceived'), {
    description: 'A message for this ticket was stored.',
  });
  setHandler(
    deliveryReportedSignal,
    (report) => tell({ type: 'reportDelivery', ...report }, 'deliveryReported'),
    { description: 'A message left, failed for good, or was stopped in time.' },
  );
  setHandler(
    agentAssignedSignal,
    (found) => tell({ type: 'acceptAssignment', ...found }, 'agentAssigned'),
    { description: 'The queue found an agent for this waiting ticket.' },
  );
  setHandler(
    assigneeAwaySignal,
    (away) => tell({ type: 'returnToQueue', ...away }, 'assigneeAway'),
    { description: "The assignee is away: back to the team's queue, unless somebody else has it." },
  );
  setHandler(
    messagesSplitSignal,
    (split) => tell({ type: 'recordSplit', ...split }, 'messagesSplit'),
    { description: 'Messages of this ticket became a ticket of their own.' },
  );
  setHandler(
    rulesChangedSignal,
    ({ revision }) => {
      newestRevision = Math.max(newestRevision, revision);
      entity?.doubtRules(newestRevision);
    },
    { description: 'Policies, calendars or settings changed: look again now.' },
  );
  setHandler(
    nudgeSignal,
    () => {
      tell({ type: 'wake' }, 'nudge');
      entity?.doubtRow();
    },
    { description: 'Look whether anything is due, and write the row again.' },
  );
  setHandler(liveQuery, () => {
    if (entity === null) throw ApplicationFailure.nonRetryable('not open yet', 'notFound');
    return entity.liveView();
  });

  if (entity === null) {
    const info = workflowInfo();
    const read = await open({
      ticketId: input.ticketId,
      nowMs: Date.now(),
      fence: { runStartedMs: info.runStartTime.getTime(), historyLength: info.historyLength },
    });
    entity = new TicketEntity(read.ticket, read.commandOrder ?? 1);
    if (read.adopt === true) {
      entity.tell({ type: 'adoptRules', rules: read.ticket.rules }, 'rulesChanged');
    }
    if (!read.born) {
      entity.resumeSends();
      // Whoever lost the workflow may have lost a save of rules with it: the row says what holds now.
      entity.doubtRow();
    } else if (read.revision !== undefined) {
      // A save that was committed while the ticket was routed.
      entity.doubtRules(read.revision);
    }
    entity.doubtRules(newestRevision);
  }
  for (const { command, cause } of early) entity.tell(command, cause);

  const limit = input.continueAsNewAfterEvents ?? CONTINUE_AS_NEW_AFTER_EVENTS;
  const living = entity;
  const fate = await living.live(() => {
    const info = workflowInfo();
    return info.continueAsNewSuggested || info.historyLength > limit;
  });
  await condition(() => allHandlersFinished() && living.isIdle());
  // A fact that came in while draining may have reopened the ticket: then it lives on in a new run.
  if (fate === 'continueAsNew' || !living.snapshot().state.ended) {
    const continueAsNewAfterEvents = input.continueAsNewAfterEvents ?? EVENTS_OF_A_RUN;
    const carried = living.snapshot();
    await continueAsNew<typeof ticket>({ ...input, continueAsNewAfterEvents, carried });
  }
}

function commandOrderOfRun(): CommandOrder {
  if (patched('rules-before-wake')) return 3;
  return patched('called-projector') ? 2 : 1;
}

async function open(input: OpenTicketInput): Promise<OpenTicketResult> {
  try {
    return await localProjection.openTicket(input);
  } catch (error) {
    log.warn('ticket not read in time; trying on as an activity', { error: String(error) });
    return await projection.openTicket(input);
  }
}

/** Rejects a batch of which nothing would be taken: a rejected update leaves no trace in history. */
function refuseAll(entity: TicketEntity | null, requests: readonly TicketRequest[]): void {
  if (entity === null) return;
  const answers = entity.preview(requests);
  const refusals = answers.flatMap(({ refusal }) => (refusal === null ? [] : [refusal]));
  const [first] = refusals;
  if (first !== undefined && refusals.length === answers.length) {
    throw ApplicationFailure.create({
      message: first.detail,
      type: first.code,
      nonRetryable: true,
      details: [answers],
    });
  }
}
