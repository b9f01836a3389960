// Keeps one draft: on this device at once, on the desk as typing pauses. What another device wrote meanwhile is never written over and
// never thrown away: both texts are there until the writer chooses.
import { ApiError, call } from '../api/client.ts';
import type { DraftOnDesk } from '../api/types.ts';
import { fromDesk, isEmpty, isSame, joined, NOTHING, restOf, toDesk } from './content.ts';
import type { Content, Kind } from './content.ts';
import { readKept, writeKept } from './kept.ts';
import type { Asked, DraftPlace, Kept } from './kept.ts';

/** How a draft stands. */
export interface DraftState extends Kept {
  /** none: nothing to say; saved: the desk has it; device: only this device has it yet. */
  stands: 'none' | 'saved' | 'device';
  /** What another device wrote, while this one was written as well. */
  theirs: { content: Content; revision: number } | null;
  /** Moves when the content was not typed here: the editor takes it in. */
  epoch: number;
}

const PAUSE_MS = 700;
const AGAIN_MS = 4_000;

/** What a keeper has to know of its surroundings. */
export interface KeeperDeps {
  nameOf: (userId: string) => string | null;
  /** Whether the writer is the one who is signed in: nobody's words are saved as another's. */
  isMine: () => boolean;
  /** Tells that there is a draft now, or none any more. */
  onListed: () => void;
}

export class DraftKeeper {
  readonly ticketId: number;
  readonly kind: Kind;
  readonly #place: DraftPlace;
  readonly #deps: KeeperDeps;
  readonly #listeners = new Set<() => void>();
  #state: DraftState;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> | undefined;
  /** While a message is under way its draft is not saved: it would come back as soon as it is gone. */
  #sending = false;

  constructor(place: DraftPlace, deps: KeeperDeps) {
    this.ticketId = place.ticketId;
    this.kind = place.kind;
    this.#place = place;
    this.#deps = deps;
    const nothing = { content: NOTHING, base: 0, dirty: false, asked: null };
    const kept = readKept(place) ?? nothing;
    this.#state = { ...kept, stands: 'none', theirs: null, epoch: 0 };
    if (kept.dirty) this.#later(PAUSE_MS);
  }

  /** As a store for useSyncExternalStore. */
  readonly get = (): DraftState => this.#state;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes in what was typed or chosen. */
  change(part: Partial<Content>): void {
    const content = { ...this.#state.content, ...part };
    if (isEmpty(content) && this.#state.base === 0) {
      this.#set({ content, dirty: false, stands: 'none' });
      return;
    }
    this.#set({ content, dirty: true });
    this.#later(PAUSE_MS);
  }

  /** Meets what the desk has. What is only there is shown; what both have and differs is a clash. */
  meet(theirs: DraftOnDesk | null): void {
    if (this.#saving !== undefined || this.#state.theirs !== null) return;
    const { base, dirty } = this.#state;
    const revision = this.#revisionOf(theirs);
    if (revision === base && (theirs === null || revision > 0)) {
      if (dirty) this.#later(PAUSE_MS);
      else this.#set({ stands: revision === 0 ? 'none' : 'saved' });
      return;
    }
    if (dirty) this.#clash(theirs);
    else this.#adopt(theirs);
  }

  /** Puts a text back: a message that was taken back, or one that was given up. What is being written stays below it. */
  restore(content: Content): void {
    this.#set({ content: joined(content, this.#state.content), dirty: true }, true);
    this.#later(0);
  }

  /** Ends a clash. Answers the text that was chosen against, if any. */
  choose(way: 'mine' | 'theirs' | 'both'): Content | null {
    const { theirs, content: mine } = this.#state;
    if (theirs === null) return null;
    const content =
      way === 'mine' ? mine : way === 'theirs' ? theirs.content : joined(mine, theirs.content);
    this.#set(
      { content, base: theirs.revision, dirty: way !== 'theirs', theirs: null },
      way !== 'mine',
    );
    if (way === 'theirs') this.#set({ stands: 'saved' });
    else this.#later(0);
    return way === 'mine' ? theirs.content : way === 'theirs' ? mine : null;
  }

  /** The revision that a message sent now was; undefined when the desk has none. No save is under way until it is `sent` or must `goOn`. */
  async settle(): Promise<number | undefined> {
    this.#sending = true;
    clearTimeout(this.#timer);
    await this.#saving;
    const { base, theirs } = this.#state;
    return base === 0 || theirs !== null ? undefined : base;
  }

  /** Keeps what the desk is asked for, until it has answered: a page that dies meanwhile asks for the same message when it is back. */
  ask(asked: Asked): void {
    this.#set({ asked });
  }

  /** The message was not accepted: the draft goes on. Refused is one that was certainly not made; without an answer it may have been. */
  goOn(refused: boolean): void {
    this.#sending = false;
    if (refused) this.#set({ asked: null });
    if (this.#state.dirty) this.#later(PAUSE_MS);
  }

  /** The message was accepted: its draft is gone. What was typed since it left, or what another device wrote besides, takes its place. */
  sent(message: Content): void {
    this.#sending = false;
    clearTimeout(this.#timer);
    const { theirs, content: now } = this.#state;
    const rest = restOf(now, message);
    const content = theirs === null ? rest : joined(theirs.content, rest);
    const base = theirs?.revision ?? 0;
    const dirty = !isEmpty(rest);
    const asked = null;
    this.#set({ content, base, dirty, asked, theirs: null, stands: 'none' }, true);
    if (dirty) this.#later(PAUSE_MS);
    this.#deps.onListed();
  }

  /** Saves what waits, at once. */
  flush(): void {
    if (this.#state.dirty) this.#later(0);
  }

  /** Of a draft of a ticket that was merged into this one there is none here yet. */
  #revisionOf(draft: DraftOnDesk | null): number {
    return draft === null || draft.ticketId !== this.ticketId ? 0 : draft.revision;
  }

  #adopt(theirs: DraftOnDesk | null): void {
    const base = this.#revisionOf(theirs);
    const content = theirs === null ? NOTHING : fromDesk(theirs, this.#deps.nameOf);
    // A draft that came along with a merge is saved here, so that it goes with this ticket's message.
    const dirty = theirs !== null && base === 0;
    this.#set({ content, base, dirty, stands: theirs === null ? 'none' : 'saved' }, true);
    if (dirty) this.#later(0);
  }

  #clash(theirs: DraftOnDesk | null): void {
    const revision = this.#revisionOf(theirs);
    const content = theirs === null ? NOTHING : fromDesk(theirs, this.#deps.nameOf);
    // Sent or thrown away elsewhere, or the same words: nothing is there that could be lost.
    if (theirs === null || isEmpty(content) || isSame(content, this.#state.content)) {
      this.#set({ base: revision });
      this.#later(0);
      return;
    }
    clearTimeout(this.#timer);
    this.#set({ theirs: { content, revision }, stands: 'device' });
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#save(), ms);
  }

  async #save(): Promise<void> {
    if (this.#saving !== undefined) return this.#later(PAUSE_MS);
    if (!this.#state.dirty || this.#state.theirs !== null) return;
    if (this.#sending || !this.#deps.isMine()) return;
    this.#saving = this.#put();
    await this.#saving;
    this.#saving = undefined;
  }

  async #put(): Promise<void> {
    const { content, base } = this.#state;
    const path = `/api/v1/tickets/${this.ticketId}/draft`;
    try {
      const body = { ...toDesk(this.kind, content), baseRevision: base };
      const saved = await call<{ revision: number }>('PUT', path, { body });
      // Emptied over the very revision it was: only then nobody else's words go with it.
      if (isEmpty(content)) {
        const { revision } = saved;
        await call('DELETE', path, { query: { kind: this.kind, revision: String(revision) } });
      }
      const revision = isEmpty(content) ? 0 : saved.revision;
      const dirty = this.#state.content !== content;
      this.#set({ base: revision, dirty, stands: revision === 0 ? 'none' : 'saved' });
      if (dirty) this.#later(PAUSE_MS);
      if (base === 0 || revision === 0) this.#deps.onListed();
    } catch (error) {
      this.#refused(error);
    }
  }

  #refused(error: unknown): void {
    if (error instanceof ApiError && error.code === 'versionConflict') {
      this.#clash((error.current ?? null) as DraftOnDesk | null);
      return;
    }
    this.#set({ stands: 'device' });
    const hopeless = error instanceof ApiError && error.status >= 400 && error.status < 500;
    if (!hopeless) this.#later(AGAIN_MS);
  }

  #set(part: Partial<DraftState>, taken = false): void {
    const epoch = this.#state.epoch + (taken ? 1 : 0);
    this.#state = { ...this.#state, ...part, epoch };
    const { content, base, dirty, asked } = this.#state;
    writeKept(this.#place, isEmpty(content) && !dirty ? null : { content, base, dirty, asked });
    for (const listener of this.#listeners) listener();
  }
}
