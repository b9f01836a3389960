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
import type {
  ProjectTicketInput,
  ProjectTicketResult,
  RulesQuestion,
} from '#activities/contract.ts';
import type { TicketRules } from '#domain/desk.ts';
import { isOvertaken } from '#domain/escalation.ts';
import { deliverWorkflowId, noticeWorkflowId } from '#domain/ids.ts';
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
  StepNoticeInput,
  TicketAnswer,
  TicketLive,
  TicketRequest,
} from './messages.ts';
import { WORKFLOWS } from './messages.ts';
import { ticketDetails, ticketSearchAttributes } from './ticket-details.ts';

const MAX_ANSWERS = 100;
const MAX_RECENT = 10;
const MAX_REFUSALS = 3;
const TIMER: Actor = { type: 'system', cause: 'timer' };
const RETRY_START_ATTEMPTS = 20;
const RETRY_START_PAUSE_MS = 500;

/**
 * The order in which a run gives its commands, recorded in its history by the worker that began it (see commandOrder in ticket.ts).
 * 1: the projector waits in a condition, and acts wait in another. 2: the projector is called, and acts are answered by it: a
 * third of the promises, each of which costs the SDK a stack trace. 3: as 2, and before a timer lets anything fall due the desk is
 * asked whether other rules hold by now, a rebuilt or nudged ticket writes its row, and a refused write is made again.
 */
export type CommandOrder = 1 | 2 | 3;

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
  private refusals = 0;
  /** The fence's first part: the start of this run, or the moment at which a write of this run was refused as an older one. */
  private fenceStartMs = workflowInfo().runStartTime.getTime();

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

  /** Has the row written again, with whatever rules hold by then: after a rebuild, and when the reconciler found it late. */
  doubtRow(): void {
    if (this.commandOrder < 3) return;
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
        continue;
      }
      const summary = `ticket ${this.ticket.state.id}: ${armed.reason}`;
      const waitMs = Math.max(1, armed.atMs - Date.now());
      // A wake that has moved later leaves this timer: it fires, finds nothing due, and the loop arms anew.
      if (await condition(mustLook, waitMs, { summary })) continue;
      // Not awaited in earlier orders: the turn it takes would change what comes before what.
      if (this.commandOrder < 3) this.wakeNow();
      else await this.wakeUp();
    }
  }

  /**
   * Lets what is due happen, under the rules that hold by now: a policy made milder since must not breach at its old deadline. What
   * would happen is written on the condition that no rules were saved meanwhile, so the question costs nothing but in the rare case.
   */
  private async wakeUp(): Promise<void> {
    const before = this.ticket;
    const due = handle(before, { type: 'wake' }, TIMER, Date.now());
    const rest = this.projector !== 'idle' || this.unprojected.length > 0 || this.rulesInDoubt;
    if (due.recorded.length === 0) this.refresh();
    else if (rest) await this.wakeByRules();
    else await this.wakeAtRevision(before, due);
  }

  private async wakeAtRevision(
    before: Ticket,
    due: { ticket: Ticket; recorded: RecordedEvent[] },
  ): Promise<void> {
    const { version } = due.ticket.state;
    const input = {
      ...this.projection(due.ticket, due.recorded),
      onlyAtRevision: before.rules.revision,
    };
    this.projector = 'writing';
    const result = await this.run(() => writeRow(input));
    this.projector = 'idle';
    // Who applied something meanwhile has let happen what was due, and writes it with the rest.
    const untouched = this.ticket === before;
    if (untouched && result.taken) {
      this.take(due);
      this.finishRound(version, result);
    } else if (untouched) {
      if (result.rules !== null) this.adopt(result.rules);
      this.wakeNow();
    }
    this.callProjector();
  }

  private async wakeByRules(): Promise<void> {
    // Commands may apply meanwhile; what they find due they let happen themselves.
    const { rules } = await this.run(() => checkRules(this.rulesQuestion(this.ticket)));
    if (rules !== null) this.adopt(rules);
    this.wakeNow();
  }

  private wakeNow(): void {
    this.apply({ type: 'wake' }, TIMER);
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
    const done = handle(this.ticket, command, actor, Date.now());
    this.unprojected.push(...done.recorded);
    this.take(done);
    this.callProjector();
    return done.decision.ok ? null : done.decision.refusal;
  }

  private take({ ticket, recorded }: { ticket: Ticket; recorded: RecordedEvent[] }): void {
    this.ticket = ticket;
    this.recent = [...this.recent, ...recorded].slice(-MAX_RECENT);
    for (const one of recorded) this.startEffect(one);
    this.startNotices(recorded);
    this.refresh();
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

  /** Tells people outside of escalations. A policy names them; the ticket only knows where. */
  private startNotices(recorded: readonly RecordedEvent[]): void {
    const escalations = recorded.flatMap(({ seq, event }) =>
      event.type === 'escalated' ? [{ seq, ...event }] : [],
    );
    const keys = escalations.map(({ key }) => key);
    for (const { seq, goal, key, atMs: momentMs, actions, repetition = null } of escalations) {
      if (isOvertaken(key, keys)) continue;
      for (const [action, one] of actions.entries()) {
        if (one.type !== 'notify' || !('ref' in one)) continue;
        this.startNotice({
          ...{ ticketId: this.ticket.state.id, seq, action, ref: one.ref, goal, key, momentMs },
          ...{ repetition, giveUpMs: this.ticket.rules.deliveryGiveUpMs },
        });
      }
    }
  }

  private startNotice(input: StepNoticeInput): void {
    void this.run(async () => {
      try {
        await startChild(WORKFLOWS.notify, {
          workflowId: noticeWorkflowId(input),
          args: [input],
          parentClosePolicy: ParentClosePolicy.ABANDON,
          // Told once, also by a ticket that was rebuilt and escalates again.
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary: `${input.goal} of ticket ${input.ticketId} escalates`,
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    });
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
      this.seen = { ticket: this.ticket, nowMs, view: slaOf(this.ticket, nowMs) };
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
      if (this.mustRepeat(result)) this.repeatRound(input.events);
      else this.finishRound(version, result);
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
      const result = await this.run(() => writeRow(input));
      this.finishRound(version, result);
    }
  }

  private takeRound(): ProjectTicketInput {
    this.publishSearchAttributes();
    const events = this.unprojected;
    this.unprojected = [];
    this.rulesInDoubt = false;
    return this.projection(this.ticket, events);
  }

  private finishRound(version: number, result: ProjectTicketResult): void {
    this.follow(result);
    if (result.rules !== null) return;
    this.projectedVersion = version;
    const readable = this.waiting.filter((one) => one.version <= version);
    this.waiting = this.waiting.filter((one) => one.version > version);
    for (const { resolve } of readable) resolve();
  }

  /** A row that is gone takes no write at all: asking for ever would not bring it back. */
  private mustRepeat({ taken }: ProjectTicketResult): boolean {
    if (taken) this.refusals = 0;
    return !taken && this.commandOrder >= 3 && this.refusals < MAX_REFUSALS;
  }

  /**
   * A write of this run was refused as older than what stands there: the run was reset to an earlier point of its history. What it
   * decides from here on is the ticket's life, so its fence begins anew.
   */
  private repeatRound(events: RecordedEvent[]): void {
    this.refusals += 1;
    log.warn('the read model was ahead of this run; writing over it');
    this.fenceStartMs = Date.now();
    this.unprojected = [...events, ...this.unprojected];
    this.rulesInDoubt = true;
  }

  private adopt(rules: TicketRules): void {
    const alone = this.commandOrder >= 3 ? { alone: true as const } : {};
    this.apply({ type: 'adoptRules', rules, ...alone }, { type: 'system', cause: 'rulesChanged' });
  }

  private follow(result: ProjectTicketResult): void {
    if (result.rules !== null) {
      this.adopt(result.rules);
    } else if (result.revision > this.ticket.rules.revision) {
      const rules = { ...this.ticket.rules, revision: result.revision };
      this.ticket = { ...this.ticket, rules };
    }
    if (result.returnToQueue !== undefined) {
      const { userId, teamId, reason } = result.returnToQueue;
      const command = { type: 'returnToQueue' as const, userId, teamId, reason };
      this.apply(command, { type: 'system', cause: 'assigneeAway' });
    }
  }

  private projection(ticket: Ticket, events: RecordedEvent[]): ProjectTicketInput {
    const { historyLength } = workflowInfo();
    const nowMs = Date.now();
    const mine = ticket === this.ticket;
    return {
      ...this.rulesQuestion(ticket),
      state: ticket.state,
      sla: mine ? this.sla() : slaOf(ticket, nowMs),
      wake: mine ? this.wake : nextWake(ticket, nowMs),
      events,
      fence: { runStartedMs: this.fenceStartMs, historyLength },
      nowMs,
    };
  }

  /** Which rules the ticket carries, to be compared with those that hold by now. */
  private rulesQuestion({ state, rules }: Ticket): RulesQuestion {
    const { policy } = rules;
    return {
      ticketId: state.id,
      rulesRevision: rules.revision,
      policy:
        policy === null
          ? null
          : {
              policyId: policy.policyId,
              version: policy.version,
              calendarVersion: policy.calendarVersion,
            },
    };
  }
}

function slaOf({ state, rules }: Ticket, nowMs: number): TicketLive['sla'] {
  const stopped = state.spam || state.mergedInto !== null;
  return slaView(stopped ? null : rules.policy, state.ledger, nowMs);
}

async function checkRules(question: RulesQuestion): Promise<{ rules: TicketRules | null }> {
  try {
    return await localProjection.checkRules(question);
  } catch (error) {
    log.warn('rules not read in time; trying on as an activity', { error: String(error) });
    return await projection.checkRules(question);
  }
}

async function writeRow(input: ProjectTicketInput): Promise<ProjectTicketResult> {
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
