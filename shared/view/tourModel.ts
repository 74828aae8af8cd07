/**
 * The guided tour: one account is broken by hand, found, agreed to, put right, told, taken back. Nothing of it is staged:
 * where somebody stands is read from what happened to the account.
 */
import type { Config, Mode } from "../config/schema.ts";
import { valueAt, type Body } from "../desired/compare.ts";
import type { Claim, Finding, Observation, Proposal, Summary } from "../desired/documents.ts";
import type { ResourceId } from "../estate/resourceId.ts";

/** The standard that the tour breaks: everybody sees at once why an account must not be open. */
export const tourStandard = "NET-01";
export const tourField = "properties.publicNetworkAccess";

export interface TourInput {
  /** Null when it is gone, or was never looked at. */
  readonly account: { readonly key: ResourceId; readonly name: string; readonly environment: string } | null;
  /** Undefined when the configuration does not name the standard. */
  readonly mode: Mode | undefined;
  readonly isPaused: boolean;
  /** What stands of the standard on the account now. */
  readonly finding: Finding | undefined;
  /** The newest one, whatever became of it. */
  readonly proposal: Proposal | undefined;
  /** The newest one that stands on the field, or stood. */
  readonly claim: Claim | undefined;
}

export const stepNames = ["look", "ask", "break", "agree", "read", "undo"] as const;
export type StepName = (typeof stepNames)[number];

export interface TourStep {
  readonly name: StepName;
  readonly state: "done" | "now" | "later";
}

export interface Tour {
  readonly steps: readonly TourStep[];
  readonly isOver: boolean;
}

export function tourOf(input: TourInput): Tour {
  const done = doneSteps(input);
  const next = stepNames.find((name) => !done.has(name));
  const steps = stepNames.map((name): TourStep => {
    const state = name === next ? "now" : done.has(name) ? "done" : "later";
    return { name, state };
  });
  return { steps, isOver: next === undefined };
}

function doneSteps({ account, mode, finding, proposal, claim }: TourInput): Set<StepName> {
  const isApplied = proposal?.state === "applied";
  const isAgreed = isApplied || proposal?.state === "approved";
  const done = new Set<StepName>();
  if (account !== null) done.add("look");
  // What came of it is there, in whatever mode the standard is by now.
  if (mode === "approve" || mode === "enforce" || isAgreed) done.add("ask");
  if (finding !== undefined || proposal !== undefined) done.add("break");
  if (isAgreed) done.add("agree");
  if (isApplied) done.add("read");
  if (isApplied && claim !== undefined) done.add("undo");
  return done;
}

/**
 * The command with its places filled in. Both are put between single quotes there, which neither an ID of ARM nor the body
 * can hold.
 */
export function commandFor(template: string, key: ResourceId): string {
  const body = JSON.stringify({ properties: { publicNetworkAccess: "Enabled" } });
  return template.replaceAll("{id}", key).replaceAll("{body}", body);
}

/**
 * Whether the tour can be made with an account: it is private as the standard demands, what the tour breaks may be asked
 * about and written there, and closing it again cuts nobody off.
 */
export function isTourable(
  { deviations, subscriptionId }: Pick<Summary, "deviations" | "subscriptionId">,
  { body }: Pick<Observation, "body">,
  config: Pick<Config, "subscriptions"> | undefined,
): boolean {
  const level = config?.subscriptions.find(({ id }) => id === subscriptionId)?.level;
  if (body === null || (level !== "approve" && level !== "enforce")) return false;
  if (deviations.some(({ standard }) => standard === tourStandard)) return false;
  return valueAt(body, tourField) === "Disabled" && connections(body).includes("Approved");
}

function connections(body: Body): unknown[] {
  const list = valueAt(body, "properties.privateEndpointConnections");
  if (!Array.isArray(list)) return [];
  const status = "properties.privateLinkServiceConnectionState.status";
  return list.map((connection) => valueAt(connection as Body, status));
}
