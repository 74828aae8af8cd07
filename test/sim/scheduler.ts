/**
 * Virtual time and what happens in it. One event at a time: the clock moves to it, it runs, and everything that it set
 * going ends (promises settle, no timer and no I/O is involved) before the next one. So one seed is one order of
 * everything.
 *
 * The local engines keep their own agenda (ends of operations, durable timers); its items are taken in due order with
 * the events here, and its clock is set along.
 */
import { Agenda } from "../../infra/local/platform/agenda.ts";

interface Event {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

export class Scheduler {
  readonly agenda: Agenda;
  readonly #heap: Event[] = [];
  #nowMs: number;
  #order = 0;
  /** Whether work that is no event is under way, such as a durable turn between two promises. */
  isBusy: () => boolean = () => false;
  /** Events that have run. */
  steps = 0;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
    this.agenda = new Agenda({ mode: "manual", nowMs });
  }

  /** True time, milliseconds since the epoch. */
  get nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#nowMs + Math.max(0, delayMs), run);
  }

  at(dueMs: number, run: () => void): void {
    const heap = this.#heap;
    heap.push({ dueMs, order: (this.#order += 1), run });
    let at = heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at], heap[parent])) break;
      swap(heap, at, parent);
      at = parent;
    }
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, resolve);
    });
  }

  /** When the next event is due; undefined when nothing waits. */
  get nextMs(): number | undefined {
    const own = this.#heap[0]?.dueMs;
    const theirs = this.agenda.next()?.dueMs;
    return own === undefined || theirs === undefined ? (own ?? theirs) : Math.min(own, theirs);
  }

  /** Runs everything due up to `untilMs`, stopping early when `isOver` says so. */
  async runUntil(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    await this.#drain();
    while (!isOver()) {
      const nextMs = this.nextMs;
      if (nextMs === undefined || nextMs > untilMs) break;
      await this.#step();
    }
    if (!isOver()) this.#moveTo(untilMs);
  }

  /** Nothing runs for so long: what fell due meanwhile runs late. */
  jump(ms: number): void {
    this.#moveTo(this.#nowMs + ms);
  }

  async #step(): Promise<void> {
    this.steps += 1;
    const own = this.#heap[0];
    const theirs = this.agenda.next();
    if (own === undefined || (theirs !== undefined && theirs.dueMs < own.dueMs)) {
      this.#moveTo(theirs?.dueMs ?? this.#nowMs);
      await this.agenda.step(this.#nowMs);
    } else {
      this.#take();
      this.#moveTo(own.dueMs);
      own.run();
    }
    await this.#drain();
  }

  #moveTo(ms: number): void {
    if (ms <= this.#nowMs) return;
    this.#nowMs = ms;
    this.agenda.setNow(ms);
  }

  async #drain(): Promise<void> {
    do await turn();
    while (this.isBusy());
  }

  #take(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (isBefore(heap[child], heap[least])) least = child;
      if (least === at) return;
      swap(heap, at, least);
      at = least;
    }
  }
}

/** Lets all promises settle: the callback runs when no microtask is left. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function isBefore(a: Event | undefined, b: Event | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

function swap(heap: Event[], a: number, b: number): void {
  const kept = heap[a] as Event;
  heap[a] = heap[b] as Event;
  heap[b] = kept;
}
