// The ticket as an entity: holds the state, applies decisions synchronously, and runs what follows from them.
// Duties upheld here:
//  1. Handlers never await between check and write, so no lock is needed and commands apply in server order.
//  2. One projector writes the read model, batch by batch, so versions reach Postgres in order.
//  3. A person's command returns only when Postgres has it.
//  4. Signals never throw and never await an activity: what they cause runs as an effect beside them.
import {
  condition,
  log,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { SearchAttributePair } from '@temporalio/common';
import type { ProjectTicketInput, ProjectTicketResult } from '#activities/contract.ts';
import { deliverWorkflowId } from '#domain/ids.ts';
import { slaView } from '#domain/sla.ts';
import { decide, handle } from '#domain/ticket.ts';
import type {
  Actor,
  PendingSend,
  RecordedEvent,
  Ticket,
  TicketCommand,
} from '#domain/ticket-types.ts';
import { nextWake } from '#domain/ticket-wake.ts';
import type { Wake } from '#domain/ticket-wake.ts';
import { localProjection, messenger, projection } from './activities.ts';
import type {
  ActResult,
  DeliverInput,
  TicketAnswer,
  TicketLive,
  TicketRequest,
} from './messages.ts';
import { WORKFLOWS } from './messages.ts';
import { ticketDetails, ticketSearchAttributes } from './ticket-details.ts';

const MAX_ANSWERS = 100;
const MAX_RECENT = 10;

/** One ticket's life. Constructed when its state is known; see ticket.ts for the wiring. */
export class TicketEntity {
  private ticket: Ticket;
  private wake: Wake | null = null;
  private unprojected: RecordedEvent[] = [];
  private recent: RecordedEvent[] = [];
  private projectedVersion: number;
  private rulesInDoubt = false;
  private effectsRunning = 0;
  private published: string;

  constructor(ticket: Ticket) {
    this.ticket = ticket;
    this.projectedVersion = ticket.state.version;
    this.published = '';
    this.refresh();
  }

  /** Answers a batch of commands and returns when the read model has what they did. */
  async act(requests: readonly TicketRequest[]): Promise<ActResult> {
    const answers = requests.map((request) => this.answer(request));
    const mine = this.ticket.state.version;
    // Other commands may apply meanwhile; this one only waits for its own version to be readable.
    await condition(() => this.projectedVersion >= mine);
    return { version: mine, answers };
  }

  /** What would become of each command now; writes nothing. */
  preview(requests: readonly TicketRequest[]): TicketAnswer[] {
    const nowMs = Date.now();
    return requests.map(({ requestId, command, actor }) => {
      const known = this.ticket.state.answers.find((one) => one.requestId === requestId);
      if (known !== undefined) return known;
      const decision = decide(this.ticket, command, actor, nowMs);
      return { requestId, refusal: decision.ok ? null : decision.refusal };
    });
  }

  /** Takes a fact from outside. A refusal is logged: a signal cannot be answered. */
  tell(command: TicketCommand, cause: string): void {
    const refusal = this.apply(command, { type: 'system', cause });
    if (refusal !== null) log.info('fact ignored', { cause, code: refusal.code });
  }

  /** Asks the read model at the next occasion whether other rules hold by now. */
  doubtRules(revision: number): void {
    if (revision > this.ticket.rules.revision) this.rulesInDoubt = true;
  }

  /** Starts deliveries that a rebuilt ticket still owes; those that run already are left alone. */
  resumeSends(): void {
    for (const send of this.ticket.state.sends) this.startDelivery(send);
  }

  /** Lives until the reopen window is over or a new run is due; answers which of the two. */
  async live(mustContinueAsNew: () => boolean): Promise<'ended' | 'continueAsNew'> {
    void this.projectForEver();
    for (;;) {
      if (this.ticket.state.ended && this.isIdle()) return 'ended';
      if (mustContinueAsNew()) return 'continueAsNew';
      const armed = this.wake;
      const mustLook = (): boolean =>
        mustContinueAsNew() ||
        (this.ticket.state.ended && this.isIdle()) ||
        (this.wake !== null && (armed === null || this.wake.atMs < armed.atMs));
      if (armed === null) {
        await condition(mustLook);
      } else {
        const summary = `ticket ${this.ticket.state.id}: ${armed.reason}`;
        const waitMs = Math.max(1, armed.atMs - Date.now());
        // A wake that has moved later leaves this timer: it fires, finds nothing due, and the loop arms anew.
        if (!(await condition(mustLook, waitMs, { summary }))) {
          this.apply({ type: 'wake' }, { type: 'system', cause: 'timer' });
        }
      }
    }
  }

  /** Whether nothing is half done: the run may end or continue as new. */
  isIdle(): boolean {
    return this.unprojected.length === 0 && this.effectsRunning === 0 && !this.rulesInDoubt;
  }

  /** State to carry into the next run. */
  snapshot(): Ticket {
    return this.ticket;
  }

  /** What people may know of the workflow's own state. */
  liveView(): TicketLive {
    const { state, rules } = this.ticket;
    return {
      ticketId: state.id,
      version: state.version,
      status: state.status,
      assigneeId: state.assigneeId,
      teamId: state.teamId,
      routing: state.routing,
      sla: this.sla(),
      policyWhy: rules.policy?.why ?? [],
      nextWake: this.wake,
      pendingSends: state.sends,
      lease: state.lease,
      mergedIntoId: state.mergedInto?.ticketId ?? null,
      projectedVersion: this.projectedVersion,
      historyLength: workflowInfo().historyLength,
    };
  }

  private answer({ requestId, actor, command }: TicketRequest): TicketAnswer {
    const known = this.ticket.state.answers.find((one) => one.requestId === requestId);
    if (known !== undefined) return known;
    const answer = { requestId, refusal: this.apply(command, actor) };
    const { state } = this.ticket;
    const answers = [...state.answers, answer].slice(-MAX_ANSWERS);
    this.ticket = { ...this.ticket, state: { ...state, answers } };
    return answer;
  }

  private apply(command: TicketCommand, actor: Actor): TicketAnswer['refusal'] {
    const { ticket, recorded, decision } = handle(this.ticket, command, actor, Date.now());
    this.ticket = ticket;
    this.unprojected.push(...recorded);
    this.recent = [...this.recent, ...recorded].slice(-MAX_RECENT);
    for (const one of recorded) this.startEffect(one);
    this.refresh();
    return decision.ok ? null : decision.refusal;
  }

  private startEffect({ event }: RecordedEvent): void {
    if (event.type === 'replyAccepted' || event.type === 'forwardAccepted') {
      this.startDelivery(event.send);
    }
    if (event.type === 'messagePassedOn') {
      const { ticketId, message } = event;
      void this.run(() => messenger.passMessageOn({ ticketId, message }));
    }
  }

  private startDelivery(send: PendingSend): void {
    const input: DeliverInput = {
      messageId: send.messageId,
      ticketId: this.ticket.state.id,
      sendAtMs: send.sendAtMs,
      giveUpMs: this.ticket.rules.deliveryGiveUpMs,
    };
    void this.run(async () => {
      try {
        await startChild(WORKFLOWS.deliver, {
          workflowId: deliverWorkflowId(send.messageId),
          args: [input],
          parentClosePolicy: ParentClosePolicy.ABANDON,
          staticSummary: `${send.kind} of ticket ${this.ticket.state.id}`,
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    });
  }

  /** Runs an effect beside the handlers; the run does not end or continue as new before it is done. */
  private async run<T>(effect: () => Promise<T>): Promise<T> {
    this.effectsRunning += 1;
    try {
      return await effect();
    } finally {
      this.effectsRunning -= 1;
    }
  }

  private sla(): TicketLive['sla'] {
    const { state, rules } = this.ticket;
    const stopped = state.spam || state.mergedInto !== null;
    return slaView(stopped ? null : rules.policy, state.ledger, Date.now());
  }

  private refresh(): void {
    this.wake = nextWake(this.ticket, Date.now());
    setCurrentDetails(ticketDetails(this.ticket, this.sla(), this.wake, this.recent));
  }

  private publishSearchAttributes(): void {
    const wanted = ticketSearchAttributes(this.ticket, this.sla());
    const text = JSON.stringify(wanted.map(({ value }) => value));
    if (text === this.published) return;
    const known = workflowInfo().typedSearchAttributes;
    const changed = wanted.filter(({ key, value }) => !sameValue(known.get(key), value));
    if (changed.length > 0) upsertSearchAttributes(changed);
    this.published = text;
  }

  private async projectForEver(): Promise<void> {
    this.publishSearchAttributes();
    for (;;) {
      await condition(() => this.unprojected.length > 0 || this.rulesInDoubt);
      this.publishSearchAttributes();
      const { version } = this.ticket.state;
      const events = this.unprojected;
      this.unprojected = [];
      this.rulesInDoubt = false;
      // Commands may apply while Postgres is written: they wait in `unprojected` for the next round.
      const result = await this.run(() => this.project(events));
      this.adopt(result);
      if (result.rules === null) this.projectedVersion = version;
    }
  }

  private adopt(result: ProjectTicketResult): void {
    if (result.rules !== null) {
      this.apply(
        { type: 'adoptRules', rules: result.rules },
        { type: 'system', cause: 'rulesChanged' },
      );
    } else if (result.revision > this.ticket.rules.revision) {
      const rules = { ...this.ticket.rules, revision: result.revision };
      this.ticket = { ...this.ticket, rules };
    }
  }

  private async project(events: RecordedEvent[]): Promise<ProjectTicketResult> {
    const { state, rules } = this.ticket;
    const { policy } = rules;
    const info = workflowInfo();
    const input: ProjectTicketInput = {
      state,
      sla: this.sla(),
      wake: this.wake,
      events,
      fence: { runStartedMs: info.runStartTime.getTime(), historyLength: info.historyLength },
      rulesRevision: rules.revision,
      policy:
        policy === null
          ? null
          : {
              policyId: policy.policyId,
              version: policy.version,
              calendarVersion: policy.calendarVersion,
            },
      nowMs: Date.now(),
    };
    try {
      return await localProjection.projectTicket(input);
    } catch (error) {
      log.warn('read model not written in time; trying on as an activity', {
        error: String(error),
      });
      return await projection.projectTicket(input);
    }
  }
}

function sameValue(known: unknown, wanted: SearchAttributePair['value']): boolean {
  if (known instanceof Date && wanted instanceof Date) return known.getTime() === wanted.getTime();
  return (known ?? null) === wanted;
}
