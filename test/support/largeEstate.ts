/** Documents of a large estate, as passes leave them: summaries, findings, proposals, a day of the ledger. */
import { changeHash } from "../../shared/desired/change.ts";
import { proposalId, type Finding, type Proposal, type Summary } from "../../shared/desired/documents.ts";
import { partitionOf, toResourceId, type ResourceId } from "../../shared/estate/resourceId.ts";
import { append, emptyChain, type LedgerEntry } from "../../shared/ledger/chain.ts";
import { sampleDeployment, sampleSummary } from "./summaries.ts";

const minute = 60_000;
const environments = ["prod", "test", "dev"] as const;
const standardIds = ["NET-01", "NET-02", "ACC-01", "ACC-12", "MON-01", "TAG-04"] as const;

type Document = { readonly id: string; readonly pk: string } & object;

/** One account in three is not as it should be; of those one in three waits in a request, some wait by themselves. */
export function largeEstate(accounts: number, nowMs: number): Document[] {
  return Array.from({ length: accounts }, (_, index) => documentsOf(index, nowMs)).flat();
}

function documentsOf(index: number, nowMs: number): Document[] {
  const name = `oai-unit${index % 17}-app${index}-${environments[index % 3]}`;
  const subscriptionId = `5b000000-0000-4000-8000-00000000000${1 + (index % 3)}`;
  const key = toResourceId(
    `/subscriptions/${subscriptionId}/resourceGroups/rg-${index % 40}/providers/Microsoft.CognitiveServices/accounts/${name}`,
  );
  if (key === undefined) throw new Error(`no ID of an account: ${name}`);
  const pk = partitionOf(key);
  const place = { index, nowMs, name, subscriptionId, key, pk };
  const isOff = index % 3 === 0;
  const waits = isOff && index % 9 === 0;
  return [
    summaryOf(place, isOff, waits),
    ...(isOff ? [findingOf(place, waits)] : []),
    ...(waits ? [proposalOf(place)] : []),
    ...(index % 4 === 0 ? dayOf(place) : []),
  ];
}

interface Place {
  readonly index: number;
  readonly nowMs: number;
  readonly name: string;
  readonly subscriptionId: string;
  readonly key: ResourceId;
  readonly pk: string;
}

const environmentOf = (index: number): string => environments[index % 3] ?? "prod";
const standardOf = (index: number): string => standardIds[index % standardIds.length] ?? "NET-01";
const iso = (ms: number): string => new Date(ms).toISOString();

function summaryOf({ index, name, subscriptionId, key, pk, nowMs }: Place, isOff: boolean, waits: boolean): Summary {
  const deployments = ["chat", "mail", "search"].slice(0, 1 + (index % 3)).map((model) => sampleDeployment(model));
  const standard = standardOf(index);
  return {
    ...sampleSummary(name, {
      deployments,
      environment: environmentOf(index),
      businessUnit: `Unit ${index % 17}`,
      deviations: isOff ? [{ standard, state: waits ? "waits" : "open", target: key }] : [],
    }),
    key,
    pk,
    subscriptionId,
    at: iso(nowMs - (index % 600) * minute),
  };
}

const fields = [{ path: "properties.publicNetworkAccess", before: "Enabled", after: "Disabled" }];

function findingOf({ index, key, pk, subscriptionId, nowMs }: Place, waits: boolean): Finding {
  const id = standardOf(index);
  const since = iso(nowMs - (index % 5_000) * minute);
  return {
    id: `finding-${id}`,
    pk,
    kind: "finding",
    live: true,
    key,
    target: key,
    subscriptionId,
    standard: {
      id,
      version: 1,
      title: "Accounts in corp subscriptions are not reachable from the internet",
      severity: "high",
    },
    verdict: "fail",
    state: "open",
    reason: 'properties.publicNetworkAccess is "Enabled", must be "Disabled".',
    fields,
    condition: null,
    changedBy: index % 2 === 0 ? "00000000-0000-4000-8000-00000000000a" : null,
    environment: environmentOf(index),
    patch: null,
    since,
    presentSince: since,
    closedAt: null,
    proposal: waits ? proposalId(pk, 1) : null,
  };
}

/** Most of a backlog is asked about together. */
function proposalOf({ index, key, pk, subscriptionId, nowMs }: Place): Proposal {
  const standard = standardOf(index);
  const environment = environmentOf(index);
  const authority = { kind: "standard", id: standard, version: 1 } as const;
  const since = iso(nowMs - (index % 5_000) * minute);
  return {
    id: proposalId(pk, 1),
    pk,
    kind: "proposal",
    live: true,
    key,
    target: key,
    subscriptionId,
    state: "open",
    standard: {
      id: standard,
      version: 1,
      title: "Accounts in corp subscriptions are not reachable from the internet",
      severity: "high",
    },
    authority,
    fields,
    hash: changeHash(key, fields, authority),
    quorum: 1,
    decisions: [],
    changedBy: null,
    environment,
    presentSince: since,
    group: index % 90 === 0 ? null : `${standard}.${environment}.v1`,
    run: `${standard}.${environment}.v1`,
    unasked: null,
    askOf: null,
    askedAt: since,
    expiresAt: iso(nowMs + (60 + (index % 3_000)) * minute),
    escalateAt: null,
    escalated: false,
    wakeAt: iso(nowMs + 3_060 * minute),
    createdAt: null,
    attempts: 0,
    notBefore: null,
    condition: null,
  };
}

/** Found, written and closed on one of the last 18 hours. */
function dayOf({ index, key, pk, nowMs }: Place): LedgerEntry[] {
  const atMs = nowMs - (index % 1_080) * minute;
  const standard = { kind: "standard", id: standardOf(index), version: 1 } as const;
  const change = {
    id: proposalId(pk, 1),
    target: key,
    fields,
    authority: standard,
    hash: "",
    agreedBy: [],
    changedBy: null,
  };
  const bodies = [
    ["finding", { standard, target: key, verdict: "fail", state: "open", reason: "", fields, changedBy: null }],
    ["intent", change],
    ["outcome", { intent: 2, change: change.id, result: "applied", observed: [], error: null }],
    ["finding", { standard, target: key, environment: environmentOf(index), state: "closed", reason: "" }],
  ] as const;
  let head = emptyChain;
  return bodies.map(([type, body], at) => {
    const added = append(head, { pk, key, atMs: atMs + at * 1000, type, body });
    ({ head } = added);
    return added.entry;
  });
}
