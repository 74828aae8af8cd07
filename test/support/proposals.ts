/** Proposals for tests of what people see. */
import { changeHash } from "../../shared/desired/change.ts";
import { proposalId, type Proposal } from "../../shared/desired/documents.ts";
import { partitionOf, toResourceId } from "../../shared/estate/resourceId.ts";

export const proposalNowMs = Date.parse("2026-11-18T14:32:00.000Z");

/** One that waits: an account that somebody opened to the internet two hours ago. */
export function sampleProposal(change: Partial<Proposal> = {}, name = "oai-payments-prod-weu"): Proposal {
  const subscriptionId = "5b000000-0000-4000-8000-000000000001";
  const key = toResourceId(
    `/subscriptions/${subscriptionId}/resourceGroups/rg-payments/providers/Microsoft.CognitiveServices/accounts/${name}`,
  )!;
  const pk = partitionOf(key);
  const fields = [{ path: "properties.publicNetworkAccess", before: "Enabled", after: "Disabled" }];
  const authority = { kind: "standard", id: "NET-01", version: 4 } as const;
  return {
    id: proposalId(pk, 7),
    pk,
    kind: "proposal",
    live: true,
    key,
    target: key,
    subscriptionId,
    state: "open",
    standard: { id: "NET-01", version: 4, title: "Accounts are not reachable from the internet", severity: "high" },
    authority,
    fields,
    hash: changeHash(key, fields, authority),
    quorum: 2,
    decisions: [],
    changedBy: "00000000-0000-4000-8000-00000000000a",
    environment: "prod",
    presentSince: "2026-11-18T12:30:00.000Z",
    group: null,
    run: "NET-01.prod.2026-11-18",
    askOf: null,
    unasked: null,
    askedAt: "2026-11-18T12:31:00.000Z",
    expiresAt: "2026-11-18T18:00:00.000Z",
    escalateAt: null,
    escalated: false,
    wakeAt: "2026-11-18T18:00:00.000Z",
    createdAt: null,
    attempts: 0,
    notBefore: null,
    condition: null,
    ...change,
  };
}
