// Whether the ticket engine answers, for everybody who has the workspace open: one question for all streams of this process, and
// none while there is no stream. Must not be asked by commands: those find out by themselves, and with their own deadlines.
import type { TicketGateway } from './ticket-gateway-contract.ts';

const EVERY_MS = 2_000;
/** After a question without an answer it is asked again soon: one alone may have met a busy moment. */
const AGAIN_MS = 300;
const MISSES_THAT_COUNT = 2;

/** Told whether commands can be taken. */
type EngineListener = (available: boolean) => void;

/** Watches Temporal and its workers while somebody listens. */
export class EngineWatch {
  private readonly gateway: Pick<TicketGateway, 'health'>;
  private readonly listeners = new Set<EngineListener>();
  private timer: NodeJS.Timeout | undefined;
  private misses = 0;
  private known: boolean | null = null;

  constructor(gateway: Pick<TicketGateway, 'health'>) {
    this.gateway = gateway;
  }

  /** What was found last; before the first answer, that all is well. */
  get available(): boolean {
    return this.known ?? true;
  }

  /** Tells what is known and each change of it, until the returned function is called. */
  onChange(listener: EngineListener): () => void {
    this.listeners.add(listener);
    if (this.listeners.size === 1) void this.look();
    else if (this.known !== null) listener(this.known);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      clearTimeout(this.timer);
      this.misses = 0;
      this.known = null;
    };
  }

  private async look(): Promise<void> {
    const { temporal, workers } = await this.gateway.health();
    if (this.listeners.size === 0) return;
    const answers = temporal && workers;
    this.misses = answers ? 0 : this.misses + 1;
    const doubtful = !answers && this.misses < MISSES_THAT_COUNT;
    if (!doubtful) this.tell(answers);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), doubtful ? AGAIN_MS : EVERY_MS);
    this.timer.unref();
  }

  private tell(available: boolean): void {
    if (available === this.known) return;
    this.known = available;
    for (const listener of this.listeners) listener(available);
  }
}
