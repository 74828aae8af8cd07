/** What stands in the way of a change that is foretold: what people agreed to, took back or fought over. Pure. */
import type { ResourceId } from "../estate/resourceId.ts";
import type { Claim, Proposal, StateDocument } from "../desired/documents.ts";
import { recentRepairs, REPAIRS_MAX, type Guard } from "../desired/guard.ts";

export interface Standing {
  /**
   * `approval`: agreed to and not written yet. `undo`: somebody takes a change back and it is not back yet. `waiver`: it
   * was taken back, and until its end stays so. `guard`: it was put right too often within a day.
   */
  readonly kind: "approval" | "undo" | "waiver" | "guard";
  /** Of its document. */
  readonly id: string;
  /** Object ID of whoever opened the claim, agreed last or undid it last; null when nobody is known. */
  readonly by: string | null;
  /** Why, as that person said; null where none was given. */
  readonly reason: string | null;
  /** Business time, ISO 8601, at which a claim ends; null for the others. */
  readonly until: string | null;
}

/** What a standard asks of a target: where it would write, and which fields. */
export interface Demand {
  readonly standard: string;
  /** What is written; see Judgement. */
  readonly target: ResourceId;
  readonly paths: ReadonlySet<string>;
}

/** The live ones of `documents` that concern these fields there. */
export function inTheWay(documents: readonly StateDocument[], demand: Demand, nowMs: number): Standing[] {
  return documents.flatMap((document): Standing[] => {
    if (!document.live || document.target !== demand.target) return [];
    switch (document.kind) {
      case "claim":
        return document.assertions.some(({ path }) => demand.paths.has(path)) ? [ofClaim(document)] : [];
      case "proposal": {
        const isAgreed = document.state === "approved" && document.unasked === null;
        return isAgreed && document.fields.some(({ path }) => demand.paths.has(path)) ? [ofApproval(document)] : [];
      }
      case "guard":
        return document.standard === demand.standard ? ofGuard(document, nowMs) : [];
      case "finding":
        return [];
    }
  });
}

function ofClaim({ id, restored, by, reason, until }: Claim): Standing {
  return { kind: restored ? "waiver" : "undo", id, by, reason, until };
}

function ofApproval({ id, decisions }: Proposal): Standing {
  const last = decisions.at(-1);
  return { kind: "approval", id, by: last?.by ?? null, reason: last?.reason ?? null, until: null };
}

function ofGuard(guard: Guard, nowMs: number): Standing[] {
  const repairs = recentRepairs(guard, nowMs);
  const of = Map.groupBy(repairs, ({ by }) => by);
  const [actor] = [...of].find(([, list]) => list.length >= REPAIRS_MAX) ?? [];
  return actor === undefined ? [] : [{ kind: "guard", id: guard.id, by: actor, reason: null, until: null }];
}
