/** What must be true of a drawn resource, from what its standard says of it before anything was done. */
import { isMadeByRemedies } from "../../shared/estate/member.ts";
import { valueAt } from "../../shared/desired/compare.ts";
import type { Judgement } from "../../shared/desired/judgement.ts";
import { canonicalJson, type Json } from "../../shared/kernel/canonicalJson.ts";
import type { StandardDefinition } from "../../shared/standards/schema.ts";
import { isFixable } from "./draw.ts";
import { differences, inLowerCase, shown, type Difference, type Snapshot } from "./snapshot.ts";
import type { Stand } from "./stand.ts";

/** What one resource showed in one column. */
export interface Outcome {
  /** It broke the standard when it was drawn. */
  readonly isBroken: boolean;
  /** Broken, and the remedy fitted. */
  readonly isFixable: boolean;
  /** Said where the column's promise holds in another way, such as an undo that is declined. */
  readonly note?: string;
  /** Undefined: as promised. */
  readonly problem: string | undefined;
}

export interface Before {
  readonly definition: StandardDefinition;
  readonly snapshot: Snapshot;
  /** What the remedy has to put right. */
  readonly fixable: readonly Judgement[];
  /** What people have to be told of. */
  readonly told: readonly Judgement[];
}

export async function beforeOf(stand: Stand): Promise<Before> {
  const snapshot = stand.snapshot();
  const broken = (await stand.judged()).filter(({ verdict }) => verdict === "fail");
  const fits = (judgement: Judgement): boolean => isFixable(judgement) && !holdsAddress(judgement, snapshot);
  const { definition } = stand.drawn;
  return { definition, snapshot, fixable: broken.filter(fits), told: broken.filter((judgement) => !fits(judgement)) };
}

/** What was there is not stored if it names somebody, so it could not be put back. */
function holdsAddress({ assertions, remedyTarget }: Judgement, snapshot: Snapshot): boolean {
  return assertions.some(({ path }) =>
    /[^\s@"]@[^\s@"]/.test(JSON.stringify(valueAt(snapshot[remedyTarget] ?? {}, path) ?? null)),
  );
}

export function outcome({ fixable, told }: Before, problem: string | undefined, note?: string): Outcome {
  const isBroken = fixable.length + told.length > 0;
  return { isBroken, isFixable: fixable.length > 0, problem, ...(note === undefined ? {} : { note }) };
}

/** The first problem of those that there are. */
export async function firstOf(
  ...checks: readonly (() => string | undefined | Promise<string | undefined>)[]
): Promise<string | undefined> {
  for (const check of checks) {
    const problem = await check();
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Whether the remedy's targets pass now. */
export async function passesNow(stand: Stand, { fixable }: Pick<Before, "fixable">): Promise<string | undefined> {
  const after = await stand.judged();
  for (const { target } of fixable) {
    const now = after.find((judgement) => judgement.target === target);
    if (now?.verdict !== "pass")
      return `${nameOf(target)} is ${now?.verdict ?? "not judged"} after the remedy: ${now?.reason ?? ""}`;
  }
  return undefined;
}

/** Whoever is not helped by the remedy is told of: an open finding, with what stands in the way. */
export async function tells(stand: Stand, told: readonly Judgement[]): Promise<string | undefined> {
  const findings = await stand.findings();
  for (const { target, unmet, safety } of told) {
    const finding = findings.find((item) => item.target === target);
    if (finding === undefined || finding.verdict !== "fail" || finding.state !== "open")
      return `nobody is told of ${nameOf(target)}`;
    const isHeld = unmet !== undefined && safety !== "X";
    if (isHeld && finding.condition?.reason !== "PreconditionUnmet")
      return `${nameOf(target)} is told of without what stands in the way: ${finding.condition?.reason ?? "no condition"}`;
  }
  return undefined;
}

/** As {@link tells}, of what is broken now: for some standards time alone changes that. */
export async function tellsNow(stand: Stand): Promise<string | undefined> {
  return tells(stand, (await beforeOf(stand)).told);
}

/** Nothing was sent, nothing has changed. */
export function untouched(stand: Stand, { snapshot }: Pick<Before, "snapshot">): string | undefined {
  if (stand.wire.sent > 0) return `${stand.wire.sent} writes were sent`;
  return first(differences(snapshot, stand.snapshot()));
}

/** What Azure itself derives from a field that it is given. */
const derived: Readonly<Record<string, readonly string[]>> = {
  "identity.type": ["identity.principalId", "identity.tenantId"],
  "sku.capacity": ["properties.currentCapacity", "properties.rateLimits"],
  "properties.model.version": ["properties.capabilities", "properties.rateLimits"],
  "properties.customSubDomainName": ["properties.endpoint", "properties.endpoints"],
};

/** What is there of a resource that was just made, whoever asked for it: its name, and Azure's defaults. */
const ofCreation = [
  "id",
  "name",
  "type",
  "location",
  "systemData",
  "properties.autoMitigate",
  "properties.lastUpdatedTime",
  "properties.metrics",
  "properties.provisioningState",
];

/** The first difference that no remedy declares; `fixable`: what remedies may write. */
export function undeclared(
  before: Pick<Before, "snapshot" | "fixable" | "definition">,
  after: Snapshot,
): string | undefined {
  const paths = (before.definition.remedy?.assertions ?? []).flatMap(({ path }) => [path, ...(derived[path] ?? [])]);
  const targets = new Set(before.fixable.map(({ remedyTarget }) => remedyTarget as string));
  const strange = differences(before.snapshot, after).flatMap((difference) => strangers(difference, targets, paths));
  return first(strange);
}

function strangers(difference: Difference, targets: ReadonlySet<string>, paths: readonly string[]): Difference[] {
  const { id, path, before, after } = difference;
  if (!targets.has(id)) return [difference];
  if (path !== "") {
    // Of what was not there at all, only what is declared may be there now.
    const parts = before === undefined && after !== undefined ? leaves(after, path) : [path];
    return parts.every((part) => paths.some((declared) => isWithin(part, declared))) ? [] : [difference];
  }
  if (before !== undefined || after === undefined || !isMadeByRemedies(id as never)) return [difference];
  const made = leaves(after).filter((leaf) => ![...paths, ...ofCreation].some((declared) => isWithin(leaf, declared)));
  return made.map((leaf) => ({ id, path: leaf, before: undefined, after: null }));
}

/** Names of tags are one in any case. */
function isWithin(path: string, declared: string): boolean {
  const [one, other] = declared.startsWith("tags.") ? [path.toLowerCase(), declared.toLowerCase()] : [path, declared];
  return one === other || one.startsWith(`${other}.`);
}

function leaves(value: Json, path = ""): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([name, member]) => leaves(member, path === "" ? name : `${path}.${name}`));
}

export function first(found: readonly Difference[]): string | undefined {
  const [one] = found;
  return one === undefined
    ? undefined
    : `changed though no remedy declares it: ${shown(one)}${found.length > 1 ? `, and ${found.length - 1} more` : ""}`;
}

/** Equal as values of one field: lists are sets, none is an empty one, and IDs of resources are the same in any case. */
export function sameField(a: Json, b: Json): boolean {
  return inOrder(a ?? []) === inOrder(b ?? []);
}

function inOrder(given: Json): string {
  const value = inLowerCase(given);
  if (!Array.isArray(value)) return canonicalJson(value);
  return JSON.stringify((value as Json[]).map((element) => canonicalJson(element)).sort());
}

export function nameOf(target: string): string {
  return target.slice(target.lastIndexOf("/") + 1);
}
