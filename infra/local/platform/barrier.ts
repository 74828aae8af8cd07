/**
 * Knows when nothing is left to do.
 *
 * A look asks every engine what it is busy with and every live host what it works on; the round trip to a host also
 * goes through its event loop, so what it had already begun to send has arrived by then. Nothing is left when two looks
 * in a row find nothing, because work passes between the processes: a message leaves a queue, an invocation begins, a
 * write reaches a store, which wakes something else.
 *
 * Limit: work that neither an engine nor an invocation knows of (a `setTimeout` that a function left behind) is not
 * seen. Azure would not keep an instance alive for it either.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { WaitingOn } from "./engine.ts";
import type { StandingAgenda } from "./standingAgenda.ts";

export interface BusyHost {
  readonly name: string;
  /** What the host works on that did not come over its link. Rejects when the host goes away. */
  busy(): Promise<WaitingOn[]>;
}

export interface BarrierSources {
  readonly clock: Pick<StandingAgenda, "now" | "items" | "isMoving">;
  /** What engines, timer runs and starting hosts are busy with or wait for, due or not. */
  readonly work: () => WaitingOn[];
  readonly hosts: () => readonly BusyHost[];
}

/** Says whether an item that has not fallen due yet counts as well. Whatever is due now always counts. */
export type AlsoCounts = (item: WaitingOn, nowMs: number) => boolean;

/** Occurrences of timer functions always lie ahead; nothing ever waits for them. */
export const timerKind = "function.timer";
/** What a `delay` fault puts on the agenda. */
const holdKind = "fault.delay";

/** Work is mostly a matter of microseconds: so many looks come a turn of the event loop apart. */
const QUICK_LOOKS = 20;
/** Pauses between the looks after those, milliseconds. */
const pausesMs = [1, 1, 2, 2, 4, 4, 8];
const LONGEST_PAUSE_MS = 10;
/** A host that a `delay` fault holds is quiet when what it works on has not changed for this long (machine time). */
const HELD_STILL_MS = 25;

export class Barrier {
  readonly #sources: BarrierSources;

  constructor(sources: BarrierSources) {
    this.#sources = sources;
  }

  /** Whether the platform itself knows of nothing that is due or under way, or held by a fault. Asks no host. */
  get seemsQuiet(): boolean {
    return !this.#held() && this.#due(() => false).length === 0;
  }

  /**
   * Waits until nothing counts any more. Answers the items that still count at `deadlineMs` (machine time); an empty
   * list says that it is quiet.
   */
  async wait(deadlineMs: number, also: AlsoCounts = () => false): Promise<WaitingOn[]> {
    let emptyLooks = 0;
    for (let look = 0; ; look += 1) {
      const items = await this.#look(also);
      emptyLooks = items.length === 0 ? emptyLooks + 1 : 0;
      if (emptyLooks === 2) return [];
      if (Date.now() >= deadlineMs) return items;
      if (items.length === 0) continue;
      if (look < QUICK_LOOKS) await nextTurn();
      else await sleep(pausesMs[look - QUICK_LOOKS] ?? LONGEST_PAUSE_MS);
    }
  }

  /**
   * Like {@link wait} for what is due now, but a request that a `delay` fault holds doesn't keep it: such a request ends
   * only when the clock moves on.
   */
  async waitUnlessHeld(deadlineMs: number): Promise<WaitingOn[]> {
    if (!this.#held()) return this.#waitOrHold(deadlineMs);
    let since = Date.now();
    let last = "";
    for (;;) {
      const items = await this.#look(() => false);
      if (items.length === 0) return this.#waitOrHold(deadlineMs);
      const now = signature(items);
      if (now !== last) since = Date.now();
      last = now;
      if (this.#held() && Date.now() - since >= HELD_STILL_MS) return [];
      if (Date.now() >= deadlineMs) return items;
      await sleep(1);
    }
  }

  /** Waits in short stretches, so that a hold that begins meanwhile is noticed. */
  async #waitOrHold(deadlineMs: number): Promise<WaitingOn[]> {
    for (;;) {
      const items = await this.wait(Math.min(deadlineMs, Date.now() + 2 * HELD_STILL_MS));
      if (items.length === 0 || Date.now() >= deadlineMs) return items;
      if (this.#held()) return this.waitUnlessHeld(deadlineMs);
    }
  }

  #held(): boolean {
    return this.#sources.clock.items().some((item) => item.kind === holdKind);
  }

  async #look(also: AlsoCounts): Promise<WaitingOn[]> {
    const before = this.#due(also);
    if (before.length > 0) return before;
    const answers = await Promise.allSettled(this.#sources.hosts().map((host) => host.busy()));
    // A host that went away while it was asked is starting again, and that is an item of its own.
    const busy = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    return [...busy, ...this.#due(also)];
  }

  #due(also: AlsoCounts): WaitingOn[] {
    const { clock } = this.#sources;
    const nowMs = clock.now();
    // Two items of one moment: while the first runs, the second waits for the mover, which waits for quiet.
    const next = new Set(
      clock.isMoving
        ? clock
            .items()
            .filter(({ dueMs }) => dueMs <= nowMs)
            .map(signatureOf)
        : [],
    );
    return this.#sources
      .work()
      .filter(
        (item) =>
          item.kind !== timerKind &&
          !next.has(signatureOf(item)) &&
          (item.dueMs === undefined || item.dueMs <= nowMs || also(item, nowMs)),
      );
  }
}

function signature(items: readonly WaitingOn[]): string {
  return items.map(signatureOf).join("\n");
}

function signatureOf({ kind, id }: { readonly kind: string; readonly id: string }): string {
  return `${kind} ${id}`;
}
