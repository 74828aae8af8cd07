/** The verdict of a standard on an account, with the baseline that it demands there. */
import type { Account } from "../estate/account.ts";
import type { SubscriptionSetting } from "../config/schema.ts";
import { valueAt, type Body } from "../desired/compare.ts";
import type { Assertion } from "../desired/assertion.ts";
import type { Judgement } from "../desired/judgement.ts";
import type { Standard } from "./definition.ts";

export function judge(
  standard: Standard,
  account: Account,
  subscription: Pick<SubscriptionSetting, "archetype">,
): Judgement {
  const { id, version, title, severity, remedy, archetypes, resourceType } = standard.definition;
  const base = {
    standard: { id, version, title, severity },
    safety: remedy?.safety ?? ("X" as const),
    assertions: [],
    unmet: undefined,
  };
  const type = account.body["type"];
  if (typeof type !== "string" || type.toLowerCase() !== resourceType.toLowerCase()) {
    return { ...base, verdict: "notApplicable", reason: `It concerns ${resourceType}.` };
  }
  if (!archetypes.includes(subscription.archetype)) {
    return {
      ...base,
      verdict: "notApplicable",
      reason: `It concerns subscriptions of archetype ${archetypes.join(", ")}.`,
    };
  }
  const missing = standard.definition.needs.find((path) => valueAt(account.body, path) === undefined);
  if (missing !== undefined) return { ...base, verdict: "unknown", reason: `${missing} was not in the answer.` };
  const authority = { kind: "standard", id, version } as const;
  const assertions: Assertion[] = (remedy?.assertions ?? []).map(({ path, op, value }) => ({
    path,
    op,
    value: value as never,
    authority,
  }));
  if (!standard.breaks(account.body))
    return { ...base, verdict: "pass", reason: "It is as the standard demands.", assertions };
  return {
    ...base,
    verdict: "fail",
    reason: reasonOf(assertions, account.body),
    assertions,
    unmet: unmetOf(standard, account),
  };
}

/** Names the fields; sorted by the remedy's own order, so that it does not flap. */
function reasonOf(assertions: readonly Assertion[], body: Body): string {
  const parts = assertions.map(({ path, value }) => {
    const found = valueAt(body, path);
    return `${path} is ${found === undefined ? "absent" : JSON.stringify(found)}, must be ${JSON.stringify(value)}`;
  });
  return parts.length === 0 ? "It breaks the rule." : `${parts.join("; ")}.`;
}

function unmetOf(standard: Standard, account: Account): string | undefined {
  const preconditions = standard.definition.remedy?.preconditions ?? [];
  return preconditions.find(({ atLeast }) => approvedPrivateEndpoints(account.body) < atLeast)?.message;
}

/** Private endpoint connections of the account whose status is Approved. */
function approvedPrivateEndpoints(body: Body): number {
  const connections = valueAt(body, "properties.privateEndpointConnections");
  if (!Array.isArray(connections)) return 0;
  return connections.filter(
    (connection) => valueAt(connection as Body, "properties.privateLinkServiceConnectionState.status") === "Approved",
  ).length;
}
