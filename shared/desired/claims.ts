/** What becomes of the live claims on a target: they end with their time, stop at a third value, or restore their fields. */
import { fromIso } from "../kernel/clock.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import { isMadeByRemedies } from "../estate/member.ts";
import type { Authority } from "./assertion.ts";
import { blocked, keep, revived } from "./carrying.ts";
import { mergeChange, type FieldChange } from "./compare.ts";
import { isAnother } from "./consent.ts";
import type { Claim } from "./documents.ts";
import type { Draft } from "./draft.ts";
import { claimBarrier, ownedByTemplate } from "./gate.ts";
import { isOwned } from "./terms.ts";

/** The claims that are live now; those whose time is over, or that a third value stops, end here. */
export function liveClaims(draft: Draft): Claim[] {
  const live: Claim[] = [];
  for (const claim of draft.documents("claim")) {
    if (!draft.hasRoom()) break;
    if (fromIso(claim.until) <= draft.input.nowMs) end(draft, claim, { until: claim.until });
    else if (isGone(draft, claim.target) || isAnother(claim, draft.seen(claim.target).createdAt))
      end(draft, claim, { reason: "the target is gone" });
    else if (isStopped(draft, claim)) stop(draft, claim);
    else if (claim.state === "active") live.push(claim);
  }
  return live;
}

/** Ends a claim because its time is over, or before that for a reason. */
export function end(draft: Draft, claim: Claim, why: { readonly until: string } | { readonly reason: string }): void {
  if (draft.isEnded(claim.id)) return;
  draft.upsert({ ...claim, live: false, wakeAt: null, state: claim.state === "stopped" ? "stopped" : "ended" });
  draft.record("claim", { claim: claim.id, event: "ended", ...why });
}

/** Whether a claim that has not written yet would write over what somebody decided meanwhile. */
function isStopped(draft: Draft, claim: Claim): boolean {
  if (claim.state !== "active" || claim.restored || draft.input.observed === undefined) return false;
  const { body, isUnread } = draft.seen(claim.target);
  return !isUnread && mergeChange(claim.fields, body) === "moved";
}

/** A resource that is not ours to make is not there any more. What only remedies make may well be absent. */
export function isGone(draft: Draft, target: ResourceId): boolean {
  const { isThere, isUnread } = draft.seen(target);
  return target !== draft.input.key && !isUnread && !isThere && !isMadeByRemedies(target);
}

function stop(draft: Draft, claim: Claim): void {
  const message = "Somebody changed a field meanwhile; what is there now was kept.";
  const condition = { reason: "ThirdValue", message };
  draft.upsert({ ...claim, state: "stopped", live: false, wakeAt: null, condition });
  draft.record("claim", { claim: claim.id, event: "stopped", reason: "ThirdValue" });
}

/** Restores what a claim asserts. */
export function restore(draft: Draft, standing: Claim, changes: readonly FieldChange[]): void {
  const { nowMs, settings } = draft.input;
  const { isUnread, changedBy } = draft.seen(standing.target);
  if (standing.restored || !changes.some((change) => isBy(change, standing.authority))) return;
  if (isUnread) return keep(draft, standing, standing.until);
  const claim = revived(standing, nowMs);
  const owned = claim.fields.map(({ path }) => path).filter((path) => isOwned(settings.owned, path));
  const outer = owned.length === 0 ? claimBarrier(settings) : { condition: ownedByTemplate(owned), until: null };
  const barrier = blocked(draft, claim, outer);
  if (barrier === undefined) {
    if (claim !== standing) draft.upsert(claim);
    const { id, target, fields, authority, hash, by } = claim;
    return draft.apply({ id, target, fields, authority, hash, agreedBy: [by], changedBy });
  }
  const until = barrier.until ?? claim.until;
  draft.update(standing, {
    ...claim,
    condition: barrier.condition,
    wakeAt: until < claim.until ? until : claim.until,
  });
}

export function isBy(change: FieldChange, authority: Authority): boolean {
  return change.authorities.some(
    ({ kind, id, version }) => kind === authority.kind && id === authority.id && version === authority.version,
  );
}
