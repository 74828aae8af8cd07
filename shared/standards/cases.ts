/** The cases that a standard carries: what it says of samples, told by itself. */
import type { Judgement } from "../desired/judgement.ts";
import { parseAccount } from "../estate/account.ts";
import { toResourceId, type ResourceId } from "../estate/resourceId.ts";
import { listOf, memberKinds, type MemberKind, type Resource, type Sight, type Unread } from "../estate/sight.ts";
import { canonicalJson, type Json } from "../kernel/canonicalJson.ts";
import { hourMs, toIso } from "../kernel/clock.ts";
import type { JudgedPlace } from "./document.ts";
import { compileStandard } from "./definition.ts";
import type { JsonObject } from "./policy/values.ts";
import type { StandardCase, StandardDefinition } from "./schema.ts";
import { judged } from "./subjects.ts";

const accountType = "Microsoft.CognitiveServices/accounts";
const group = "/subscriptions/5b000000-0000-4000-8000-000000000001/resourceGroups/rg-sample";

/** The account of every case. */
export const sampleAccountId = `${group}/providers/${accountType}/sample`;

/** A moment, since business time has none of its own here. */
const NOW_MS = 1_750_000_000_000;

/** Where what belongs to it lies, unless the sample says so by an `id`. */
const places: Readonly<Record<MemberKind, string>> = {
  deployments: `${sampleAccountId}/deployments/`,
  raiPolicies: `${sampleAccountId}/raiPolicies/`,
  models: `${sampleAccountId}/models/`,
  projects: `${sampleAccountId}/projects/`,
  connections: `${sampleAccountId}/connections/`,
  defender: `${sampleAccountId}/defenderForAISettings/`,
  diagnosticSettings: `${sampleAccountId}/providers/microsoft.insights/diagnosticSettings/`,
  alertRules: `${group}/providers/microsoft.insights/metricAlerts/`,
  privateEndpoints: `${group}/providers/Microsoft.Network/privateEndpoints/`,
  privateDnsZoneGroups: `${group}/providers/Microsoft.Network/privateEndpoints/sample/privateDnsZoneGroups/`,
  locks: `${sampleAccountId}/providers/microsoft.authorization/locks/`,
  roleAssignments: `${sampleAccountId}/providers/Microsoft.Authorization/roleAssignments/`,
  policyAssignments: `${sampleAccountId}/providers/Microsoft.Authorization/policyAssignments/`,
  policyExemptions: `${sampleAccountId}/providers/Microsoft.Authorization/policyExemptions/`,
  resourceGroup: group,
  useCaseAccounts: `${group}/providers/${accountType}/`,
};

/**
 * What is said of the sample's resource, and not of others of its type around it.
 * @throws SteelyardError `BadInput` when the standard or the sample is not understood.
 */
export function judgeCase(definition: StandardDefinition, sample: StandardCase): Judgement[] {
  const { environment, subscriptionEnvironment, archetype = definition.archetypes[0] ?? "corp" } = sample;
  const place: JudgedPlace = { archetype, environment, subscriptionEnvironment, nowMs: NOW_MS };
  const sight = sightOf(definition, sample);
  const { kind } = judged[definition.resourceType];
  const list = kind === undefined ? [] : (listOf(sight, kind) ?? []);
  const own = [sight.account.address.id, list[0]?.id];
  const judgements = compileStandard(definition, sample.parameters).judge(sight, place);
  return judgements.filter(({ target }) => own.includes(target));
}

/** What a sample says otherwise than the standard does, as `found X; expected Y`; undefined when they agree. */
export function caseFault(definition: StandardDefinition, sample: StandardCase): string | undefined {
  const [judgement] = judgeCase(definition, sample);
  if (judgement === undefined) return "found nothing to judge; expected a resource of the standard's type";
  const { verdict, reason, assertions, safety, unmet, askOf } = judgement;
  if (verdict !== sample.verdict) return `found ${verdict} (${reason}); expected ${sample.verdict}`;
  if (!reason.includes(sample.reason ?? "")) return `found the reason "${reason}"; expected "${sample.reason}" in it`;
  // A case says as much as it is about.
  const demands = assertions.map(({ path, op, value }) => ({ path, op, value }));
  for (const [name, found, expected] of [
    ["demands", demands, sample.demands],
    ["safety", safety, sample.safety],
    ["askOf", askOf, sample.askOf],
  ] as const) {
    if (expected === undefined || canonicalJson(found) === canonicalJson(expected)) continue;
    return `found ${name} ${JSON.stringify(found)}; expected ${JSON.stringify(expected)}`;
  }
  if (sample.unmet === undefined) return undefined;
  const isTold = sample.unmet === null ? unmet === undefined : unmet?.includes(sample.unmet) === true;
  if (isTold) return undefined;
  return `found ${unmet === undefined ? "nothing" : `"${unmet}"`} against the remedy; expected ${JSON.stringify(sample.unmet)}`;
}

/** The sample as a look would have seen it. */
export function sightOf({ resourceType }: Pick<StandardDefinition, "resourceType">, sample: StandardCase): Sight {
  const createdAt = sample.ageHours === undefined ? undefined : toIso(NOW_MS - sample.ageHours * hourMs);
  const isAccount = resourceType === accountType;
  const body = { id: sampleAccountId, name: "sample", ...(isAccount ? sample.resource : sample.account) };
  // Samples may be of another type, to show that those are left alone.
  const account = parseAccount({ ...body, type: accountType });
  const members: Partial<Record<MemberKind, readonly Resource[] | Unread>> = {};
  for (const kind of memberKinds) {
    const list = sample.members[kind];
    if (list === undefined) continue;
    members[kind] = Array.isArray(list) ? list.map((one) => resourceOf(kind, one)) : list;
  }
  const own = judged[resourceType].kind;
  const others = own === undefined ? undefined : members[own];
  if (own !== undefined && (others === undefined || !("unread" in others)) && Object.keys(sample.resource).length > 0) {
    const resource = { ...resourceOf(own, { type: resourceType, ...sample.resource }), createdAt };
    members[own] = [resource, ...(others ?? [])];
  }
  return {
    account: {
      ...account,
      ...(isAccount ? { createdAt, body: { ...account.body, type: sample.resource["type"] ?? accountType } } : {}),
    },
    members,
    ...(sample.principals === undefined ? {} : { principals: sample.principals }),
  };
}

function resourceOf(kind: MemberKind, body: JsonObject): Resource {
  const { name = "sample", id: given, unread } = body as { name?: Json; id?: Json; unread?: Json };
  const named = typeof name === "string" ? name : "sample";
  const text = typeof given === "string" ? given : kind === "resourceGroup" ? group : `${places[kind]}${named}`;
  const id = toResourceId(text) ?? (text.toLowerCase() as ResourceId);
  const times = { lastModifiedBy: undefined, lastModifiedAt: undefined, createdAt: undefined };
  const made = { id, name: named, provisioningState: "Succeeded", ...times, body: { id: text, name: named, ...body } };
  return typeof unread === "string" ? { ...made, unread } : made;
}
