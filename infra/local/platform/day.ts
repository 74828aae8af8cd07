/**
 * Plays the day of a scenario: each act is an item of the agenda in business time, so that a move of the clock plays it in
 * its turn. One act waits at a time, and the next one is on disk: a platform that was killed goes on with it. An act that
 * a kill interrupts is done again; what fell due longer ago than {@link MISSED_AFTER_MS} while the platform was away is
 * left out: colleagues don't wait for it.
 *
 * Requests go through the ARM engine as those of the people and pipelines that they are: roles, locks, quotas and tokens
 * hold for them, and a refusal is theirs. Faults of the place `arm` don't strike them.
 */
import { isDeepStrictEqual } from "node:util";
import type { ArmEngine } from "../arm/engine.ts";
import type { Caller } from "../identity/caller.ts";
import type { Directory } from "../identity/directory.ts";
import type { Act, ArmStep, Day } from "../scenarios/day.ts";
import type { Agenda } from "./agenda.ts";
import type { EngineContext } from "./engine.ts";
import type { WireResponse } from "./wire.ts";

/** Kind of the item on the agenda; nobody waits for people. */
export const actKind = "day.act";

const MISSED_AFTER_MS = 3_600_000;

/** An account is at something else, or not there yet: pipelines and the SDKs try again. */
const busyCodes: ReadonlySet<string> = new Set(["RequestConflict", "AccountProvisioningStateInvalid"]);
const TRY_AGAIN_MS = 30_000;
const TRIES_MAX = 5;

/** Where a day stands. */
export interface SavedDay {
  /** Business time at which the first day began, milliseconds since the epoch. */
  readonly laidMs: number;
  /** Of the day, counted from 0. */
  readonly number: number;
  /** Of its act that is next. */
  readonly next: number;
}

export interface DayParts {
  readonly clock: Agenda;
  readonly arm: Pick<ArmEngine, "handle">;
  readonly directory: Pick<Directory, "principal" | "putPerson">;
  readonly callerOf: (oid: string) => Caller | undefined;
  readonly save: (day: SavedDay) => void;
  readonly log: EngineContext["log"];
}

export class DayPlayer {
  readonly #parts: DayParts;
  #waiting: { cancel(): void } | undefined;

  constructor(parts: DayParts) {
    this.#parts = parts;
  }

  /** Plays from where it stands. */
  play(day: Day, from: SavedDay): void {
    this.stop();
    this.#schedule(day, caughtUp(day, from, this.#parts.clock.now() - MISSED_AFTER_MS));
  }

  stop(): void {
    this.#waiting?.cancel();
    this.#waiting = undefined;
  }

  #schedule(day: Day, at: SavedDay, tries = 0): void {
    const acts = day.acts(at.number);
    const act = acts[at.next];
    if (act === undefined) {
      // A day without acts would be followed by another for ever.
      if (acts.length > 0) this.#schedule(day, { ...at, number: at.number + 1, next: 0 });
      return;
    }
    const plannedMs = at.laidMs + at.number * day.lengthMs + act.afterMs;
    const dueMs = tries === 0 ? plannedMs : this.#parts.clock.now() + TRY_AGAIN_MS;
    this.#waiting = this.#parts.clock.schedule({ kind: actKind, id: `${at.number}/${act.id}`, dueMs }, () => {
      this.#waiting = undefined;
      if (this.#perform(act, tries < TRIES_MAX) === "busy") {
        this.#schedule(day, at, tries + 1);
        return;
      }
      const after = { ...at, next: at.next + 1 };
      this.#parts.save(after);
      this.#schedule(day, after);
    });
  }

  /** Answers `busy` when the account is at something else and the act may be tried again. */
  #perform({ title, by, step }: Act, mayWait: boolean): "done" | "busy" {
    const { directory, log } = this.#parts;
    if (step.kind === "directory") {
      if (directory.principal(step.oid)?.kind !== "person") return "done";
      directory.putPerson(step.oid, { enabled: step.enabled });
      log("info", title);
      return "done";
    }
    const caller = this.#parts.callerOf(by);
    // Whoever has left does nothing any more.
    if (caller === undefined || this.#isSo(step, caller)) return "done";
    const { status, body } = this.#ask(step, caller);
    const code = codeOf(body);
    if (status < 400) log("info", title);
    else if (mayWait && typeof code === "string" && busyCodes.has(code)) return "busy";
    else log("warn", "a colleague was refused", { title, status, code });
    return "done";
  }

  /** Whether what the step would bring about is there already. */
  #isSo({ id, apiVersion, unless }: ArmStep, caller: Caller): boolean {
    if (unless === undefined) return false;
    const { status, body } = this.#ask({ method: "GET", id, apiVersion }, caller);
    return status === 200 && isDeepStrictEqual(valueAt(body, unless.path), unless.is);
  }

  #ask(step: Pick<ArmStep, "id" | "apiVersion" | "body"> & { method: string }, caller: Caller): WireResponse {
    const { method, id, apiVersion, body } = step;
    return this.#parts.arm.handle(
      {
        method,
        url: new URL(`https://management.azure.com${id}?api-version=${apiVersion}`),
        headers: { "content-type": "application/json" },
        body: Buffer.from(body === undefined ? "" : JSON.stringify(body)),
      },
      caller,
    );
  }
}

/** Where it goes on when everything before `sinceMs` is left out. */
function caughtUp(day: Day, from: SavedDay, sinceMs: number): SavedDay {
  const number = Math.max(from.number, Math.floor((sinceMs - from.laidMs) / day.lengthMs));
  const began = from.laidMs + number * day.lengthMs;
  const first = day.acts(number).findIndex(({ afterMs }) => began + afterMs >= sinceMs);
  const kept = number === from.number ? from.next : 0;
  return { ...from, number, next: Math.max(kept, first === -1 ? day.acts(number).length : first) };
}

function valueAt(body: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], body);
}

function codeOf(body: unknown): unknown {
  return valueAt(body, "error.code") ?? valueAt(body, "code");
}
