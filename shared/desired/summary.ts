/** One account in a few hundred bytes, from what a look saw and decided. */
import { withoutAddresses } from "../estate/account.ts";
import type { AccountAddress } from "../estate/resourceId.ts";
import { listOf, type Resource, type Sight } from "../estate/sight.ts";
import { asUseCaseAccount } from "../estate/useCase.ts";
import { sameJson } from "../kernel/canonicalJson.ts";
import { valueAt } from "./compare.ts";
import {
  summaryId,
  type Deviation,
  type Finding,
  type Proposal,
  type StateDocument,
  type Summary,
  type SummaryDeployment,
} from "./documents.ts";
import type { Judgement } from "./judgement.ts";

export interface SummaryInput {
  readonly pk: string;
  readonly address: AccountAddress;
  /** Undefined when the account is gone, or was not shown. */
  readonly sight: Sight | undefined;
  readonly isGone: boolean;
  readonly environment: string;
  readonly archetype: string;
  readonly judgements: readonly Judgement[];
  /** Live after the decision. */
  readonly documents: readonly StateDocument[];
  /** The one that is stored. */
  readonly before: Summary | undefined;
  /** ISO 8601. */
  readonly at: string;
}

/** Longest list that a summary holds: an account has some dozens of deployments. */
const ITEMS_MAX = 200;

export function summaryOf(input: SummaryInput): Summary {
  const { pk, address, sight, environment, archetype, judgements, documents, before, at } = input;
  const { subscriptionId, resourceGroup } = address;
  const deviations = documents
    .filter((item): item is Finding => item.kind === "finding" && item.live)
    .map((finding) => deviationOf(finding, documents))
    .sort((a, b) => order(a.standard, b.standard) || order(a.target, b.target));
  const judged = judgements.filter(({ verdict }) => verdict !== "notApplicable");
  const serves = sight === undefined ? before?.serves : asUseCaseAccount(sight, environment);
  const next: Summary = {
    id: summaryId,
    pk,
    kind: "summary",
    key: address.id,
    present: !input.isGone,
    subscriptionId,
    resourceGroup,
    ...(sight === undefined ? unseen(input) : seen(sight, judged)),
    environment,
    archetype,
    targets: new Set(judged.map(({ target }) => target)).size,
    judged: judged.length,
    met: judged.filter(({ verdict }) => verdict === "pass").length,
    deviations: deviations.slice(0, ITEMS_MAX),
    exempt: judgements
      .filter(({ verdict }) => verdict === "notApplicable")
      .map(({ standard, target }) => ({ standard: standard.id, target }))
      .sort((a, b) => order(a.standard, b.standard) || order(a.target, b.target))
      .slice(0, ITEMS_MAX),
    ...(serves === undefined ? {} : { serves }),
    rank: Math.max(0, ...deviations.map(({ state }) => ranks[state])),
    at,
  };
  return before !== undefined && sameJson({ ...before, at }, next) ? before : next;
}

type Looks = Pick<
  Summary,
  "name" | "location" | "accountKind" | "businessUnit" | "deployments" | "deploymentsUnread" | "policies"
>;

function seen(sight: Sight, judged: readonly Judgement[]): Looks {
  const { account, members } = sight;
  const deployments = listOf(sight, "deployments");
  const text = (path: string): string | undefined => {
    const value = valueAt(account.body, path);
    return typeof value === "string" ? value : undefined;
  };
  const unit = text("tags.businessUnit");
  return {
    name: text("name") ?? account.address.name,
    location: text("location") ?? "",
    accountKind: text("kind") ?? "",
    businessUnit: unit === undefined ? null : withoutAddresses(unit),
    deployments: (deployments ?? []).slice(0, ITEMS_MAX).map(deploymentOf),
    deploymentsUnread: members.deployments !== undefined && deployments === undefined,
    policies: (listOf(sight, "raiPolicies") ?? [])
      .filter(({ id }) => judged.some(({ target }) => target === id))
      .map(({ name }) => name)
      .slice(0, ITEMS_MAX),
  };
}

/** As it was seen last. */
function unseen({ before, address }: SummaryInput): Looks {
  if (before === undefined) {
    const { name } = address;
    return {
      name,
      location: "",
      accountKind: "",
      businessUnit: null,
      deployments: [],
      deploymentsUnread: true,
      policies: [],
    };
  }
  const { name, location, accountKind, businessUnit, deployments, deploymentsUnread, policies } = before;
  return { name, location, accountKind, businessUnit, deployments, deploymentsUnread, policies };
}

const ranks: Readonly<Record<Deviation["state"], number>> = { blocked: 4, waits: 3, open: 2, unknown: 2, waived: 1 };

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function deviationOf(
  { standard, target, state, verdict, condition, proposal }: Finding,
  documents: readonly StateDocument[],
): Deviation {
  const asked = documents.find((item): item is Proposal => item.kind === "proposal" && item.id === proposal);
  const of = (is: Deviation["state"], why: string | null): Deviation => ({
    standard: standard.id,
    target,
    state: is,
    condition: why,
  });
  if (verdict === "unknown") return of("unknown", null);
  if (state === "waived") return of("waived", null);
  if (asked?.state === "rejected") return of("open", "Rejected");
  if (asked?.state === "approved" && asked.condition === null) return of("open", "Writing");
  if (asked?.state === "open") return of("waits", asked.condition?.reason ?? null);
  if (asked !== undefined || condition !== null)
    return of("blocked", asked?.condition?.reason ?? condition?.reason ?? null);
  return of("open", null);
}

function deploymentOf({ name, body }: Resource): SummaryDeployment {
  const at = (path: string): string => {
    const value = valueAt(body, path);
    return typeof value === "string" ? value : "";
  };
  const capacity = valueAt(body, "sku.capacity");
  return {
    name,
    model: at("properties.model.name"),
    version: at("properties.model.version"),
    sku: at("sku.name"),
    capacity: typeof capacity === "number" ? capacity : 0,
    isPaused: at("properties.deploymentState") === "Paused",
  };
}
