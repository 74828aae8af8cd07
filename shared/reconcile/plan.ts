/**
 * What a change of the configuration would do: for each account as it was last seen, what a pass would decide under the
 * configuration that holds and under the one that is proposed, by the very function that passes decide with. Pure; nothing
 * is written, asked or read from Azure.
 *
 * Limits: it knows of accounts what the last look saw, and nothing of accounts that were never looked at. Budgets are used
 * up in the order of the accounts' IDs here, in the order of the passes then: how many writes wait is right, which ones
 * need not be.
 */
import type { AccountAddress, ResourceId } from "../estate/resourceId.ts";
import type { Sight } from "../estate/sight.ts";
import { modeOf, settingsOf } from "../config/schema.ts";
import { reserved, unreadable, type BudgetLog } from "../desired/budget.ts";
import type { Field } from "../desired/change.ts";
import { decide } from "../desired/decide.ts";
import type { Finding, Proposal, StateDocument } from "../desired/documents.ts";
import type { DecideInput, DecideResult } from "../desired/judgement.ts";
import { sameJson } from "../kernel/canonicalJson.ts";
import type { Compiled } from "./configuration.ts";
import { decideInput, judgementsOf } from "./deciding.ts";
import { inTheWay, type Standing } from "./standing.ts";

/** An account as it was last seen, with what is on record about it. */
export interface Sighting {
  readonly pk: string;
  readonly address: AccountAddress;
  readonly sight: Sight;
  readonly documents: readonly StateDocument[];
  /** Number that the next ledger entry of its chain will have. */
  readonly nextSeq: number;
  readonly changedBy: string | null;
  /** Name of the pipeline that brought it there, by either configuration. */
  readonly pipeline: { readonly before: string | undefined; readonly after: string | undefined };
}

export type Budgets = ReadonlyMap<string, BudgetLog | typeof unreadable>;

/** What happens about one standard, or one waiver, on one target. */
export interface Fate {
  /**
   * `none`: there is nothing to tell. `report`: told, nothing else. `ask`: people are asked. `write`: written without
   * asking anybody any more. `hold`: would be asked or written, but `reason` stands in the way. `waive`: a waiver stands
   * above it. `unknown`: Azure does not say what is needed to judge it.
   */
  readonly kind: "none" | "report" | "ask" | "write" | "hold" | "waive" | "unknown";
  /** Why it is held, or why people are asked who would not have to be. */
  readonly reason?: string;
  /** Approvals that are needed. */
  readonly quorum?: number;
  readonly fields: readonly Field[];
}

export interface Foretold {
  readonly target: ResourceId;
  readonly subscriptionId: string;
  readonly environment: string;
  /** Standard, or `waiver`. */
  readonly standard: string;
  readonly was: Fate;
  readonly will: Fate;
  /** Why it is not known, or what is wrong where no field says it; null otherwise. */
  readonly why: string | null;
  /** What people agreed to, took back or fought over at these fields. */
  readonly inTheWay: readonly Standing[];
}

/** Everything that would be otherwise, by target and standard. */
export function foretell(
  before: Compiled,
  after: Compiled,
  sightings: readonly Sighting[],
  budgets: Budgets,
  nowMs: number,
): Foretold[] {
  const foretelling = new Foretelling(before, after, budgets, nowMs);
  const ordered = [...sightings].sort((a, b) => (a.address.id < b.address.id ? -1 : 1));
  return ordered.flatMap((sighting) => foretelling.of(sighting));
}

/** Foretells account after account, each once; in the order of their IDs it is always the same. */
export class Foretelling {
  readonly #was: Side;
  readonly #will: Side;
  /** Standards that the two configurations hold otherwise. */
  readonly #changed: (standard: string, environment: string) => boolean;

  constructor(before: Compiled, after: Compiled, budgets: Budgets, nowMs: number) {
    this.#was = new Side(before, budgets, nowMs);
    this.#will = new Side(after, budgets, nowMs);
    this.#changed = changedBetween(before, after);
  }

  of(sighting: Sighting): Foretold[] {
    const left = this.#was.fatesOf(sighting, sighting.pipeline.before);
    const right = this.#will.fatesOf(sighting, sighting.pipeline.after);
    return [...new Set([...left.fates.keys(), ...right.fates.keys()])].sort().flatMap((name): Foretold[] => {
      const [one, other] = [left.fates.get(name), right.fates.get(name)];
      const { target, standard, why, inTheWay } = (other ?? one) as Told;
      const pair = { was: one?.fate ?? nothing, will: other?.fate ?? nothing };
      // Where a change would do something and a claim does not let it, people are told all the same.
      const isStopped = inTheWay.length > 0 && this.#changed(standard, right.environment);
      if (sameJson(pair.was, pair.will) && !isStopped) return [];
      const { subscriptionId } = sighting.address;
      return [{ target, subscriptionId, environment: right.environment, standard, ...pair, why, inTheWay }];
    });
  }
}

/** Whether a standard is another one, or goes less or more far, in an environment. */
function changedBetween(before: Compiled, after: Compiled): (standard: string, environment: string) => boolean {
  const of = (compiled: Compiled, id: string, environment: string): object | undefined => {
    const setting = settingsOf(compiled.config).find((one) => one.id === id);
    const definition = compiled.standards.find((one) => one.definition.id === id)?.definition;
    return setting && { ...setting, mode: modeOf(setting, environment), modes: undefined, standard: definition };
  };
  const known = new Map<string, boolean>();
  return (standard, environment) => {
    const key = `${standard} ${environment}`;
    const isChanged = known.get(key) ?? !sameJson(of(before, standard, environment), of(after, standard, environment));
    known.set(key, isChanged);
    return isChanged;
  };
}

const nothing: Fate = { kind: "none", fields: [] };

/** One configuration, with what its writes would leave of the budgets. */
class Side {
  readonly #compiled: Compiled;
  readonly #budgets: Map<string, BudgetLog | typeof unreadable>;
  readonly #nowMs: number;

  constructor(compiled: Compiled, budgets: Budgets, nowMs: number) {
    this.#compiled = compiled;
    this.#budgets = new Map(budgets);
    this.#nowMs = nowMs;
  }

  fatesOf(
    { pk, address, sight, documents, nextSeq, changedBy }: Sighting,
    pipeline: string | undefined,
  ): { readonly environment: string; readonly fates: ReadonlyMap<string, Told> } {
    const nowMs = this.#nowMs;
    const known = { nowMs, pk, address, sight, failure: undefined, changedBy, pipeline, self: undefined };
    const judgements = judgementsOf(this.#compiled, address, sight, undefined, nowMs);
    // A plan tells all at once, in however many steps a pass will do it.
    const rest = { documents, nextSeq, budgets: this.#budgets, room: Infinity };
    const input = decideInput(this.#compiled, { ...known, ...rest }, judgements);
    const decided = decide(input);
    this.#reserve(input, decided);
    return { environment: input.settings.environment, fates: fatesOf(input, decided) };
  }

  /** A write takes its part of the budget, so that the next one finds what is left. */
  #reserve({ settings, subscriptionId }: DecideInput, { apply }: DecideResult): void {
    for (const { id, authority } of apply) {
      const log = authority.kind === "standard" ? this.#budgets.get(authority.id) : undefined;
      if (log === undefined || log === unreadable) continue;
      const write = { id, atMs: this.#nowMs, environment: settings.environment, subscriptionId };
      this.#budgets.set(authority.id, reserved(log, write));
    }
  }
}

export interface Told {
  readonly target: ResourceId;
  readonly standard: string;
  readonly fate: Fate;
  readonly why: string | null;
  readonly inTheWay: readonly Standing[];
}

/**
 * What a decision means for each standard that has a finding then, and for the waivers that still have to write; by
 * standard and target.
 */
export function fatesOf(
  { documents, judgements, nowMs }: Pick<DecideInput, "documents" | "judgements" | "nowMs">,
  decided: DecideResult,
): Map<string, Told> {
  const after = new Map(documents.map((document) => [document.id, document]));
  for (const document of decided.upserts) after.set(document.id, document);
  const live = [...after.values()].filter((document) => document.live);
  const writing = new Set(decided.apply.map(({ id }) => id));
  const fates = new Map<string, Told>();
  for (const finding of live) {
    if (finding.kind !== "finding") continue;
    const { target, fields, reason, verdict } = finding;
    const standard = finding.standard.id;
    const proposal = live.find((item): item is Proposal => item.kind === "proposal" && item.id === finding.proposal);
    const fate = { ...fateOf(finding, proposal, writing), fields };
    const judged = judgements.find((one) => one.standard.id === standard && one.target === target);
    const demand = {
      standard,
      target: judged?.remedyTarget ?? target,
      paths: new Set([...fields, ...(judged?.assertions ?? [])].map(({ path }) => path)),
    };
    const why = verdict === "unknown" || fields.length === 0 ? reason : null;
    fates.set(`${standard} ${target}`, { target, standard, fate, why, inTheWay: inTheWay(live, demand, nowMs) });
  }
  const claims = live.filter(({ kind }) => kind === "claim");
  // What people took back is as nobody demands it, or about to be: no finding tells of it, yet a standard stops there.
  for (const {
    standard: { id },
    target,
    remedyTarget,
    assertions,
  } of claims.length === 0 ? [] : judgements) {
    const paths = new Set(assertions.map(({ path }) => path));
    const stopped = inTheWay(claims, { standard: id, target: remedyTarget, paths }, nowMs);
    const key = `${id} ${target}`;
    if (stopped.length > 0 && !fates.has(key))
      fates.set(key, { target, standard: id, fate: nothing, why: null, inTheWay: stopped });
  }
  for (const claim of live) {
    if (claim.kind !== "claim" || claim.restored) continue;
    const fate = writing.has(claim.id) ? { kind: "write" as const } : held(claim.condition?.reason);
    const { target, fields } = claim;
    const told = { target, standard: "waiver", fate: { ...fate, fields }, why: null, inTheWay: [] };
    fates.set(`waiver ${target}`, told);
  }
  return fates;
}

type Kind = Omit<Fate, "fields">;

/** Conditions of a proposal that people are asked about all the same. */
const told: readonly string[] = ["Flapping", "WrittenByPipeline"];

function fateOf(finding: Finding, proposal: Proposal | undefined, writing: ReadonlySet<string>): Kind {
  if (finding.verdict === "unknown") return { kind: "unknown" };
  if (finding.state === "waived") return { kind: "waive" };
  if (proposal === undefined) {
    return finding.condition === null ? { kind: "report" } : held(finding.condition.reason);
  }
  if (writing.has(proposal.id)) return { kind: "write" };
  const reason = proposal.condition?.reason;
  if (proposal.state !== "open") return held(reason ?? (proposal.state === "rejected" ? "Rejected" : "Waiting"));
  const { quorum } = proposal;
  if (reason === undefined) return { kind: "ask", quorum };
  return told.includes(reason) ? { kind: "ask", reason, quorum } : held(reason);
}

function held(reason: string | undefined): Kind {
  return { kind: "hold", reason: reason ?? "Waiting" };
}
