/** What a decision is made from, and what comes of it. */
import type { EnrolmentLevel } from "../config/schema.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import type { LedgerRecord } from "../ledger/chain.ts";
import type { Assertion } from "./assertion.ts";
import type { Change } from "./change.ts";
import type { Body } from "./compare.ts";
import type { StandardRef, StateDocument } from "./documents.ts";
import type { SafetyClass } from "./gate.ts";
import type { Terms } from "./terms.ts";

/** One standard's verdict on one target, with what its remedy would assert. */
export interface Judgement {
  readonly standard: StandardRef;
  /** What was judged: the account or a resource below it. */
  readonly target: ResourceId;
  /**
   * What the remedy writes: the target itself, or a resource of its own at it (a lock, a diagnostic setting) that may not
   * be there yet. The paths of the assertions lie in its body.
   */
  readonly remedyTarget: ResourceId;
  readonly verdict: "pass" | "fail" | "unknown" | "notApplicable";
  readonly reason: string;
  /** The baseline that the standard demands of this target; empty when it doesn't apply or the verdict is unknown. */
  readonly assertions: readonly Assertion[];
  readonly safety: SafetyClass;
  /** Why the remedy's preconditions do not hold; undefined when they do. */
  readonly unmet: string | undefined;
  /** Object ID of the one whom the remedy concerns and who may agree to it as an approver may; null when there is none. */
  readonly askOf: string | null;
}

/** What is known of a resource other than the account. */
export interface Target {
  /** Undefined when it is not there. */
  readonly body: Body | undefined;
  /** As of the account in {@link DecideInput}. */
  readonly changedBy: string | null;
  readonly changedAt: string | null;
  readonly createdAt: string | null;
  readonly pipeline: string | undefined;
}

/** What the configuration says of the target. */
export interface Settings {
  readonly enrolment: EnrolmentLevel | undefined;
  readonly paused: boolean;
  readonly environment: string;
  /** Paths that belong to templates there: nobody's request writes them, either. */
  readonly owned: readonly string[];
  readonly quorum: number;
  readonly proposalHours: number;
  /** Hours after which more people are asked; undefined when none are. */
  readonly escalateAfterHours: number | undefined;
}

export interface DecideInput {
  readonly nowMs: number;
  readonly pk: string;
  readonly key: ResourceId;
  readonly subscriptionId: string;
  /** Number that the next ledger entry will have. */
  readonly nextSeq: number;
  /** The account as observed; undefined when it is gone. */
  readonly observed: Body | undefined;
  /** It is there, or not: Azure did not say. `observed` tells nothing then, and nothing is written or called off. */
  readonly unreadable: boolean;
  /** Resources that judgements, claims and proposals name, beside the account; one that is not there could not be read. */
  readonly targets: ReadonlyMap<ResourceId, Target>;
  /** Object ID of who changed the account last, as far as known. */
  readonly changedBy: string | null;
  /** When the account was changed last, ISO 8601, as far as Azure says. */
  readonly changedAt: string | null;
  /** When the account was created, ISO 8601, as far as Azure says. */
  readonly createdAt: string | null;
  /** Name of the pipeline that changed it last; undefined when none is known to have. */
  readonly pipeline: string | undefined;
  readonly judgements: readonly Judgement[];
  /** What the configuration says of each judged standard there, by its id. */
  readonly terms: ReadonlyMap<string, Terms>;
  /** The live documents of the partition. */
  readonly documents: readonly StateDocument[];
  readonly settings: Settings;
  /** So many documents and entries fit; a decision that has produced as many leaves the rest to the next one. */
  readonly room: number;
}

export interface DecideResult {
  /** There was no room for all: decide again after this has been stored. */
  readonly more: boolean;
  /** When an agreed change that has to wait may be tried; undefined when none waits. */
  readonly retryMs: number | undefined;
  readonly upserts: readonly StateDocument[];
  readonly records: readonly LedgerRecord[];
  readonly apply: readonly Change[];
}
