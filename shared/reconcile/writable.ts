/**
 * Whether an agreed change may be written now: asked again at the moment of writing, because between the look that put it
 * forward and the write a process may have stood still for hours, and the configuration may be another one.
 */
import { environmentOf, quorumOf, type Place } from "../config/schema.ts";
import { fromIso, hourMs } from "../kernel/clock.ts";
import type { Account } from "../estate/account.ts";
import { subscriptionOf } from "../estate/resourceId.ts";
import { approversOf, isAgreed } from "../desired/asking.ts";
import type { Change } from "../desired/change.ts";
import { isAnother, isStillAgreed } from "../desired/consent.ts";
import type { Claim, Proposal } from "../desired/documents.ts";
import { barrier, claimBarrier, effectiveMode, type SafetyClass } from "../desired/gate.ts";
import { guardId, isPutBack, type Guard } from "../desired/guard.ts";
import { isOwned, ownedAt, termsOf } from "../desired/terms.ts";
import type { Standard, StandardDefinition } from "../standards/definition.ts";
import type { Sight } from "../estate/sight.ts";
import type { Assertion } from "../desired/assertion.ts";
import { sameValue } from "../desired/compare.ts";
import type { Compiled } from "./configuration.ts";
import { judgementsOf } from "./deciding.ts";
import type { PassContext } from "./context.ts";
import { readBudget } from "./budgets.ts";

/** The change as it was agreed to; undefined when it is over, has to wait, or was never agreed to. */
export function agreedChange(carrier: Proposal | Claim, nowMs: number): Change | undefined {
  if (!carrier.live || (carrier.notBefore !== null && fromIso(carrier.notBefore) > nowMs)) return undefined;
  const { id, target, fields, authority, hash } = carrier;
  if (carrier.kind === "claim") {
    if (carrier.state !== "active" || carrier.restored || fromIso(carrier.until) <= nowMs) return undefined;
    return { id, target, fields, authority, hash, agreedBy: [carrier.by], changedBy: null };
  }
  if (carrier.state !== "approved" || !isAgreed(carrier)) return undefined;
  return { id, target, fields, authority, hash, agreedBy: approversOf(carrier), changedBy: carrier.changedBy };
}

/** Where an account stands, for what the configuration says of it. */
export function placeOf(compiled: Compiled, account: Account): Omit<Place, "standard"> {
  const { subscriptionId } = account.address;
  const environment = environmentOf(compiled.config, compiled.subscription(subscriptionId), account.tags);
  return { environment, subscriptionId };
}

/** Why the change must not be written now; undefined when it may. */
export async function refusal(
  context: PassContext,
  compiled: Compiled,
  carrier: Proposal | Claim,
  /** As it was read for this write, with what the standard reads. */
  sight: Sight,
  /** Of the target. */
  createdAt: string | null,
): Promise<string | undefined> {
  const { account } = sight;
  if (subscriptionOf(carrier.target) !== account.address.subscriptionId) return "it lies in another subscription";
  if (isAnother(carrier, createdAt)) return "another one of that name is there now";
  const { paused } = compiled.config;
  const enrolment = compiled.subscription(account.address.subscriptionId)?.level;
  const here = placeOf(compiled, account);
  const owned = ownedAt(compiled.config, here);
  if (carrier.fields.some(({ path }) => isOwned(owned, path))) return "a field belongs to a template";
  if (carrier.kind === "claim") return claimBarrier({ enrolment, paused })?.condition.reason;
  const standard = demandingStandard(compiled, carrier);
  if (standard === undefined) return "the standard is not there any more";
  const { id } = standard.definition;
  const nowMs = context.clock.now();
  if (carrier.environment !== here.environment) return "it was agreed to in another environment";
  const place = { ...here, standard: id };
  const terms = termsOf(compiled.config, compiled.activations, place, await readBudget(context, id), nowMs);
  if (!isStillAgreed(carrier, quorumOf(compiled.config, here.environment), terms.deciders))
    return "other people, or more of them, have to agree now";
  const inTheWay = barrier({ enrolment, paused, nowMs, ...terms });
  if (inTheWay !== undefined) return inTheWay.condition.reason;
  const putsBack = carrier.unasked === "putBack" && (await isVerified(context, carrier, createdAt));
  const safety = safetyAt(standard.definition, createdAt, nowMs);
  const mode = effectiveMode({ mode: terms.mode, safety, enrolment, putsBack });
  const isAllowed = mode === "enforce" || (mode === "approve" && carrier.quorum > 0);
  if (!isAllowed) return "the standard does not demand it any more, or not without being asked";
  return isDemanded(compiled, standard, carrier, sight, nowMs)
    ? undefined
    : "the standard does not demand it of what is there now";
}

/** The standard that demands a proposal, as it is configured now; undefined when it is not, and for a claim. */
export function demandingStandard(
  { standards }: Compiled,
  { kind, authority }: Proposal | Claim,
): Standard | undefined {
  const { id, version } = authority;
  if (kind === "claim") return undefined;
  return standards.find(({ definition }) => definition.id === id && definition.version === version);
}

/**
 * Whether the standard still is broken by the target, its remedy still fits and still wants these values: other fields than
 * those that are written may have been changed since it was decided, and may have been what made it right, or safe.
 */
function isDemanded(compiled: Compiled, standard: Standard, carrier: Proposal, sight: Sight, nowMs: number): boolean {
  const judgements = judgementsOf(
    { ...compiled, standards: [standard] },
    sight.account.address,
    sight,
    undefined,
    nowMs,
  );
  return judgements.some(
    ({ remedyTarget, verdict, unmet, assertions }) =>
      remedyTarget === carrier.target &&
      verdict === "fail" &&
      unmet === undefined &&
      carrier.fields.every((field) => assertions.some((assertion) => wants(assertion, field))),
  );
}

/** What of a list is put in or taken out is compared with what is there when it is merged. */
function wants(assertion: Assertion, { path, after }: Proposal["fields"][number]): boolean {
  if (assertion.path !== path) return false;
  if (assertion.op === "set") return sameValue(assertion.value, after);
  if (assertion.op === "max") return typeof after === "number" && after <= assertion.value;
  return assertion.op !== "min" || (typeof after === "number" && after >= assertion.value);
}

/** As the judge has it: what nobody uses yet is safe to change. */
function safetyAt({ remedy }: StandardDefinition, createdAt: string | null, nowMs: number): SafetyClass {
  const { safety = "X", safeYoungerThanHours } = remedy ?? {};
  if (safety !== "R" || safeYoungerThanHours === undefined || createdAt === null) return safety;
  return nowMs - fromIso(createdAt) < safeYoungerThanHours * hourMs ? "S" : safety;
}

async function isVerified(
  context: PassContext,
  { pk, standard, fields, key, target }: Proposal,
  createdAt: string | null,
): Promise<boolean> {
  const guard = await context.store.read<Guard>("state", pk, guardId(standard.id, key, target));
  return isPutBack(guard?.document, fields, createdAt);
}
