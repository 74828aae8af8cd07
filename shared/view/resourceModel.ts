/**
 * One resource as it should be and as it is, field by field, each with what says so. "Should be" is judged again here from
 * what the last look kept, by the same standards: so it says what holds now, not what was written down then.
 */
import { combine, type Authority, type Demand } from "../desired/assertion.ts";
import { compare, valueAt, type Body } from "../desired/compare.ts";
import type { Claim, Finding, Proposal, Summary } from "../desired/documents.ts";
import type { Judgement } from "../desired/judgement.ts";
import { memberOf } from "../estate/member.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import { isUnread, type Sight } from "../estate/sight.ts";
import { canonicalJson, type Json } from "../kernel/canonicalJson.ts";
import { worstOf, type Standing } from "./estateModel.ts";
import { labelOf } from "./estateStandards.ts";

export interface ResourceFacts {
  readonly target: ResourceId;
  /** The account that it is, or belongs to. */
  readonly key: ResourceId;
  readonly summary: Summary | undefined;
  /** What the last look kept; undefined when the account was gone, or was never read. */
  readonly sight: Sight | undefined;
  /** When it was first seen so, ISO 8601; null when it was never read. */
  readonly readAt: string | null;
  /** What was kept cannot be understood: why. */
  readonly fault: string | null;
  readonly judgements: readonly Judgement[];
  /** Live documents of the account. */
  readonly findings: readonly Finding[];
  readonly proposals: readonly Proposal[];
  readonly claims: readonly Claim[];
}

/**
 * `there`; `gone`: it was, and is no more; `unread`: its list did not answer; `never`: nobody has looked yet; `broken`:
 * what was kept cannot be understood.
 */
export type Presence = "there" | "gone" | "unread" | "never" | "broken";

/** What is known of a field that is not as it should be. */
export interface Difference {
  readonly finding: Finding;
  readonly proposal: Proposal | undefined;
  readonly safety: Judgement["safety"];
  readonly unmet: string | undefined;
}

export interface FieldRow {
  readonly path: string;
  readonly label: string;
  /** In text; null when what says so disagrees. */
  readonly shouldBe: string | null;
  /** Null when it could not be read. */
  readonly is: string | null;
  readonly standing: Standing | "same" | "conflict";
  /** Who disagrees, in words. */
  readonly conflict: string | null;
  readonly authorities: readonly Authority[];
  /** What holds when the live claim ends, by which standards, and when. */
  readonly afterwards: {
    readonly value: string;
    readonly until: string;
    readonly authorities: readonly Authority[];
  } | null;
  readonly difference: Difference | null;
}

export interface Site {
  readonly target: ResourceId;
  /** `own`: the resource; `beside`: what remedies make at it; `account`: what it lies on. */
  readonly kind: "own" | "beside" | "account";
  readonly isThere: boolean;
  readonly fields: readonly FieldRow[];
}

export interface ResourceModel extends ResourceFacts {
  readonly presence: Presence;
  /** Code of what did not answer. */
  readonly unread: string | null;
  readonly standing: Standing;
  readonly sites: readonly Site[];
  /** Judged, and with no field to show: what breaks a rule without a remedy, what is not known. */
  readonly others: readonly (Judgement & { readonly difference: Difference | null; readonly standing: Standing })[];
  readonly metWithoutField: readonly Judgement[];
  readonly apart: readonly Judgement[];
  /** Of the resource, or of its account where it lies on one. */
  readonly liveClaims: readonly Claim[];
  readonly open: readonly Proposal[];
  readonly body: Body | null;
}

export function resourceModel(facts: ResourceFacts): ResourceModel {
  const { target, key, sight, summary, judgements } = facts;
  const own = judgements.filter((judgement) => judgement.target === target);
  const found = bodyOf(facts, target);
  const beside = [...new Set(own.map(({ remedyTarget }) => remedyTarget))].filter((id) => id !== target).sort();
  const sites = [
    site(facts, target, "own"),
    ...beside.map((id) => site(facts, id, "beside")),
    ...(target === key ? [] : [site(facts, key, "account")]),
  ].filter(({ fields }) => fields.length > 0);
  const shown = new Set(
    sites.flatMap((one) => one.fields.flatMap(({ authorities }) => authorities.map(({ id }) => id))),
  );
  const withoutField = own.filter(({ standard }) => !shown.has(standard.id));
  const ofDeviations = (summary?.deviations ?? []).filter((deviation) => isOf(deviation.target, facts, beside));
  return {
    ...facts,
    presence: presenceOf(facts, found),
    unread: found.kind === "unread" ? found.code : null,
    standing: worstOf(ofDeviations),
    sites,
    others: withoutField
      .filter(({ verdict }) => verdict === "fail" || verdict === "unknown")
      .map((judgement) => ({
        ...judgement,
        difference: differenceOf(facts, judgement),
        standing: standingOf(facts, judgement.standard.id, judgement.target),
      })),
    metWithoutField: withoutField.filter(({ verdict }) => verdict === "pass"),
    apart: own.filter(({ verdict }) => verdict === "notApplicable"),
    liveClaims: facts.claims.filter((claim) => [target, key, ...beside].includes(claim.target)),
    open: facts.proposals.filter((proposal) => isOf(proposal.target, facts, beside)),
    body: found.kind === "there" ? found.body : sight === undefined || target !== key ? null : sight.account.body,
  };
}

/** Whether something is about the resource itself or about what is made at it. */
function isOf(id: ResourceId, { target, key }: ResourceFacts, beside: readonly ResourceId[]): boolean {
  return id === target || beside.includes(id) || (target === key && id.startsWith(`${key}/providers/`));
}

type Found =
  | { readonly kind: "there"; readonly body: Body }
  | { readonly kind: "absent" }
  | { readonly kind: "unread"; readonly code: string };

function bodyOf({ sight, key }: ResourceFacts, target: ResourceId): Found {
  if (sight === undefined) return { kind: "absent" };
  if (target === key) return { kind: "there", body: sight.account.body };
  const found = memberOf(sight, target);
  if (found === undefined) return { kind: "absent" };
  return isUnread(found) ? { kind: "unread", code: found.unread } : { kind: "there", body: found.body };
}

function presenceOf({ readAt, summary, fault }: ResourceFacts, found: Found): Presence {
  if (fault !== null) return "broken";
  if (readAt === null) return "never";
  if (summary?.present === false || found.kind === "absent") return "gone";
  return found.kind;
}

function site(facts: ResourceFacts, target: ResourceId, kind: Site["kind"]): Site {
  const found = bodyOf(facts, target);
  const judged = facts.judgements.filter(({ remedyTarget }) => remedyTarget === target);
  const claims = facts.claims.filter((claim) => claim.target === target && claim.state === "active");
  const standards = judged.flatMap(({ assertions }) => assertions);
  const demands = combine([...standards, ...claims.flatMap(({ assertions }) => assertions)]);
  // What is not there yet is made: all of it differs.
  const observed: Body = found.kind === "there" ? found.body : {};
  const differing = new Set(compare(demands, observed).map(({ path }) => path));
  const fields = demands.map((demand): FieldRow => {
    const { path, authorities } = demand;
    const judgement = judged.find(
      (one) => one.verdict !== "pass" && one.assertions.some((assertion) => assertion.path === path),
    );
    const isUnknown = found.kind === "unread";
    const differs = differing.has(path) || demand.kind === "conflict";
    const difference = differs && judgement !== undefined ? differenceOf(facts, judgement) : null;
    return {
      path,
      label: labelOf(path) ?? path,
      shouldBe: demandText(demand),
      is: isUnknown ? null : valueText(valueAt(observed, path)),
      standing: isUnknown
        ? "unknown"
        : demand.kind === "conflict"
          ? "conflict"
          : !differs
            ? "same"
            : standingOf(facts, judgement?.standard.id, judgement?.target),
      conflict: demand.kind === "conflict" ? demand.reason : null,
      authorities,
      afterwards: afterwardsOf(
        combine(standards.filter((assertion) => assertion.path === path)),
        claims.find(({ assertions }) => assertions.some((assertion) => assertion.path === path)),
      ),
      difference,
    };
  });
  return { target, kind, isThere: found.kind === "there", fields };
}

function afterwardsOf([demand]: readonly Demand[], claim: Claim | undefined): FieldRow["afterwards"] {
  if (demand === undefined || claim === undefined) return null;
  const value = demandText(demand);
  return value === null ? null : { value, until: claim.until, authorities: demand.authorities };
}

function differenceOf(
  { findings, proposals }: ResourceFacts,
  { standard, target, safety, unmet }: Judgement,
): Difference | null {
  const finding = findings.find((item) => item.standard.id === standard.id && item.target === target);
  if (finding === undefined) return null;
  return { finding, proposal: proposals.find(({ id }) => id === finding.proposal), safety, unmet };
}

/** As lists say it. What was judged here and nowhere else yet is open until the next look. */
function standingOf({ summary }: ResourceFacts, standard: string | undefined, target: string | undefined): Standing {
  const found = (summary?.deviations ?? []).filter((item) => item.standard === standard && item.target === target);
  return found.length === 0 ? "open" : worstOf(found);
}

/** Longest value shown; the body has the whole. */
const VALUE_CHARACTERS_MAX = 300;

export function valueText(value: Json | undefined): string {
  if (value === undefined || value === null) return "absent";
  const text = typeof value === "string" ? value : canonicalJson(value);
  const whole = text === "" ? "empty" : text;
  return whole.length <= VALUE_CHARACTERS_MAX ? whole : `${whole.slice(0, VALUE_CHARACTERS_MAX)}…`;
}

/** What is demanded, in words; null when authorities disagree. */
export function demandText(demand: Demand): string | null {
  switch (demand.kind) {
    case "scalar":
      return valueText(demand.value);
    case "interval": {
      const { min, max, choice } = demand;
      if (choice !== undefined) return String(choice);
      if (!Number.isFinite(min)) return `at most ${max}`;
      return Number.isFinite(max) ? `${min} to ${max}` : `at least ${min}`;
    }
    case "set": {
      const list = (values: readonly Json[]): string => values.map(valueText).join(", ");
      const parts = [
        demand.include.length === 0 ? "" : `with ${list(demand.include)}`,
        demand.exclude.length === 0 ? "" : `without ${list(demand.exclude)}`,
      ];
      return parts.filter(Boolean).join(", ") || "any";
    }
    case "conflict":
      return null;
  }
}
