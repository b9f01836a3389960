// Tells the desk that somebody has a ticket open: when they come, when they begin or end to write, again while they stay, and when they go.
import { call } from '../api/client.ts';
import type { Presence } from '../api/types.ts';

type State = 'viewing' | 'typing';
/** The desk counts a sign for 45 s and wants the next after 20 s. */
const AGAIN_MS = 20_000;
/** Whoever walks through a list by keys is in no ticket yet. */
const SETTLE_MS = 400;

/** The signs of life of one ticket. What the desk answers, or null when it did not, goes to `onPresence`. */
export class SignsOfLife {
  private readonly path: string;
  private readonly onPresence: (presence: Presence | null) => void;
  private state: State | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isKnown = false;
  /** One after the other: a sign that overtook the goodbye would leave somebody there who is gone. */
  private sent: Promise<void> = Promise.resolve();

  constructor(ticketId: number, onPresence: (presence: Presence | null) => void) {
    this.path = `/api/v1/tickets/${ticketId}/presence`;
    this.onPresence = onPresence;
  }

  /** From now on somebody views, types, or (null) is not there. */
  be(state: State | null): void {
    if (state === this.state) return;
    const isArrival = this.state === null;
    this.state = state;
    clearTimeout(this.timer);
    if (state === null) return this.leave();
    this.timer = setTimeout(() => this.sign(state), isArrival ? SETTLE_MS : 0);
  }

  private sign(state: State): void {
    this.isKnown = true;
    this.timer = setTimeout(() => this.sign(state), AGAIN_MS);
    this.sent = this.sent
      .then(() => call<Presence>('PUT', this.path, { body: { state } }))
      .then(
        // An answer that comes after one has left says nothing of now.
        (presence) => (this.state === null ? undefined : this.onPresence(presence)),
        () => this.onPresence(null),
      );
  }

  private leave(): void {
    if (!this.isKnown) return;
    this.isKnown = false;
    // When it is lost, the last sign runs out by itself.
    this.sent = this.sent
      .then(() => call('DELETE', this.path, { keepalive: true }))
      .then(
        () => undefined,
        () => undefined,
      );
  }
}
