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
  sleep,
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
import { localProjection, messenger, projection, warning } from './activities.ts';
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
const RETRY_START_ATTEMPTS = 20;
const RETRY_START_PAUSE_MS = 500;

/**
 * The order in which a run gives its commands, recorded in its history by the worker that began it (see commandOrder in ticket.ts).
 * 1: the projector waits in a condition, and acts wait in another. 2: the projector is called, and acts are answered by it: a
 * third of the promises, each of which costs the SDK a stack trace.
 */
export type CommandOrder = 1 | 2;

/** One ticket's life. Constructed when its state is known; see ticket.ts for the wiring. */
export class TicketEntity {
  readonly commandOrder: CommandOrder;
  private ticket: Ticket;
  private wake: Wake | null = null;
  private unprojected: RecordedEvent[] = [];
  private recent: RecordedEvent[] = [];
  private projectedVersion: number;
  private rulesInDoubt = false;
  private effectsRunning = 0;
  /** The deadlines as computed last: one moment of the workflow asks for them several times. */
  private seen: { ticket: Ticket; nowMs: number; view: TicketLive['sla'] } | null = null;
  private published: string;
  private waiting: { version: number; resolve: () => void }[] = [];
  private projector: 'notYet' | 'idle' | 'called' | 'writing' = 'notYet';
  private readonly soon = Promise.resolve();

  constructor(ticket: Ticket, commandOrder: CommandOrder) {
    this.ticket = ticket;
    this.commandOrder = commandOrder;
    this.projectedVersion = ticket.state.version;
    this.published = '';
    this.refresh();
  }

  /** Answers a batch of commands and returns when the read model has what they did. */
  act(requests: readonly TicketRequest[]): ActResult | Promise<ActResult> {
    const answers = requests.map((request) => this.answer(request));
    const { version } = this.ticket.state;
    if (this.projectedVersion >= version) return { version, answers };
    // Other commands may apply meanwhile; this one only waits for its own version to be readable.
    return new Promise((resolve) => {
      this.waiting.push({ version, resolve: () => resolve({ version, answers }) });
    });
  }

  /** The same in command order 1. */
  async actInOrder1(requests: readonly TicketRequest[]): Promise<ActResult> {
    const answers = requests.map((request) => this.answer(request));
    const mine = this.ticket.state.version;
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
    if (revision <= this.ticket.rules.revision) return;
    this.rulesInDoubt = true;
    this.callProjector();
  }

  /** Starts deliveries that a rebuilt ticket still owes; those that run already are left alone. */
  resumeSends(): void {
    for (const send of this.ticket.state.sends) {
      if (send.kind === 'closeWarning') this.startWarning(send);
      else this.startDelivery(send);
    }
  }

  /** Lives until the reopen window is over or a new run is due; answers which of the two. */
  async live(mustContinueAsNew: () => boolean): Promise<'ended' | 'continueAsNew'> {
    this.startProjector();
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
    this.callProjector();
    return decision.ok ? null : decision.refusal;
  }

  private startEffect({ event }: RecordedEvent): void {
    if (event.type === 'replyAccepted' || event.type === 'forwardAccepted') {
      this.startDelivery(event.send);
    }
    if (event.type === 'closeWarned') this.startWarning(event.send);
    // The run that gave up has told the ticket so and ends a moment later: its id is not free at once.
    if (event.type === 'sendRetried') this.startDelivery(event.send, RETRY_START_ATTEMPTS);
    if (event.type === 'messagePassedOn') {
      const { ticketId, message } = event;
      void this.run(() => messenger.passMessageOn({ ticketId, message }));
    }
  }

  /** The mail is stored first, under an id that makes a second try the same mail; then it is delivered like any other. */
  private startWarning(send: PendingSend): void {
    const { messageId, sendAtMs } = send;
    void this.run(async () => {
      const { written } = await warning.writeCloseWarning({
        ...{ ticketId: this.ticket.state.id, messageId, sendAtMs },
      });
      if (written) return this.startDelivery(send);
      this.tell(
        { type: 'reportDelivery', messageId, outcome: 'cancelled', atMs: Date.now(), code: null },
        'nobodyToWarn',
      );
    });
  }

  private startDelivery(send: PendingSend, attempts = 1): void {
    const input: DeliverInput = {
      messageId: send.messageId,
      ticketId: this.ticket.state.id,
      sendAtMs: send.sendAtMs,
      giveUpMs: this.ticket.rules.deliveryGiveUpMs,
    };
    void this.run(async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await startChild(WORKFLOWS.deliver, {
            workflowId: deliverWorkflowId(send.messageId),
            args: [input],
            parentClosePolicy: ParentClosePolicy.ABANDON,
            staticSummary: `${send.kind} of ticket ${this.ticket.state.id}`,
          });
          return;
        } catch (error) {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          if (attempt >= attempts) return;
        }
        await sleep(RETRY_START_PAUSE_MS, { summary: 'the delivery before has not ended yet' });
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
    const nowMs = Date.now();
    if (this.seen === null || this.seen.ticket !== this.ticket || this.seen.nowMs !== nowMs) {
      const { state, rules } = this.ticket;
      const stopped = state.spam || state.mergedInto !== null;
      const view = slaView(stopped ? null : rules.policy, state.ledger, nowMs);
      this.seen = { ticket: this.ticket, nowMs, view };
    }
    return this.seen.view;
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

  private startProjector(): void {
    if (this.commandOrder === 1) {
      void this.projectInOrder1();
      return;
    }
    this.publishSearchAttributes();
    this.projector = 'idle';
    this.callProjector();
  }

  /** Has the read model written when the other commands of this moment have applied too. */
  private callProjector(): void {
    if (this.projector !== 'idle') return;
    if (this.unprojected.length === 0 && !this.rulesInDoubt) return;
    this.projector = 'called';
    void this.soon.then(() => this.writeRound());
  }

  private writeRound(): void {
    this.projector = 'writing';
    const { version } = this.ticket.state;
    // Commands may apply while Postgres is written: they wait in `unprojected` for the next round.
    this.effectsRunning += 1;
    const input = this.takeRound();
    const done = (result: ProjectTicketResult): void => {
      this.effectsRunning -= 1;
      this.finishRound(version, result);
      this.projector = 'idle';
      this.callProjector();
    };
    void localProjection
      .projectTicket(input)
      .then(done, (error) => projectAsActivity(input, error).then(done));
  }

  private async projectInOrder1(): Promise<void> {
    this.publishSearchAttributes();
    for (;;) {
      await condition(() => this.unprojected.length > 0 || this.rulesInDoubt);
      const { version } = this.ticket.state;
      const input = this.takeRound();
      const result = await this.run(() => projectInOrder1(input));
      this.finishRound(version, result);
    }
  }

  private takeRound(): ProjectTicketInput {
    this.publishSearchAttributes();
    const events = this.unprojected;
    this.unprojected = [];
    this.rulesInDoubt = false;
    return this.projection(events);
  }

  private finishRound(version: number, result: ProjectTicketResult): void {
    this.adopt(result);
    if (result.rules !== null) return;
    this.projectedVersion = version;
    const readable = this.waiting.filter((one) => one.version <= version);
    this.waiting = this.waiting.filter((one) => one.version > version);
    for (const { resolve } of readable) resolve();
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

  private projection(events: RecordedEvent[]): ProjectTicketInput {
    const { state, rules } = this.ticket;
    const { policy } = rules;
    const info = workflowInfo();
    return {
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
  }
}

async function projectInOrder1(input: ProjectTicketInput): Promise<ProjectTicketResult> {
  try {
    return await localProjection.projectTicket(input);
  } catch (error) {
    return await projectAsActivity(input, error);
  }
}

async function projectAsActivity(
  input: ProjectTicketInput,
  error: unknown,
): Promise<ProjectTicketResult> {
  log.warn('read model not written in time; trying on as an activity', { error: String(error) });
  return await projection.projectTicket(input);
}

function sameValue(known: unknown, wanted: SearchAttributePair['value']): boolean {
  if (known instanceof Date && wanted instanceof Date) return known.getTime() === wanted.getTime();
  return (known ?? null) === wanted;
}
