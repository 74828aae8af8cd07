/**
 * What a resource names elsewhere, put beside it at the root of what a rule sees: where Azure Policy sees the name alone,
 * the rule sees what it stands for.
 */
import { modelNamedBy, modelOf } from "../estate/model.ts";
import { listOf, type MemberKind, type Resource, type Sight, type Source } from "../estate/sight.ts";
import type { Json } from "../kernel/canonicalJson.ts";
import { SteelyardError } from "../kernel/errors.ts";
import type { Subject } from "./document.ts";
import { lookup, shown } from "./people.ts";
import { member, text, type JsonObject } from "./policy/values.ts";
import type { ResourceType } from "./subjects.ts";

export type Joined =
  | { readonly kind: "found"; readonly body: JsonObject }
  /** The resource names none. */
  | { readonly kind: "none" }
  /** It names one that is not among those that were read: whatever rests on it is unknown. */
  | { readonly kind: "missing"; readonly reason: string };

interface Join {
  /** Of what it is joined to. */
  readonly type: ResourceType;
  /** Member at the root. */
  readonly name: string;
  readonly source: Source;
  find(subject: Subject, sight: Sight): Joined;
}

const deployments = "Microsoft.CognitiveServices/accounts/deployments";
const endpoints = "Microsoft.Network/privateEndpoints";
const assignments = "Microsoft.Authorization/roleAssignments";

const joins: readonly Join[] = [
  { type: deployments, name: "raiPolicy", source: "raiPolicies", find: policyOf },
  { type: deployments, name: "catalogueModel", source: "models", find: catalogueModelOf },
  { type: endpoints, name: "dnsZoneGroup", source: "privateDnsZoneGroups", find: zoneGroupOf },
  { type: assignments, name: "principal", source: "principals", find: principalOf },
];

/** Whether what is joined to resources of the type comes from there. */
export function isJoined(type: ResourceType, source: Source): boolean {
  return joins.some((join) => join.type === type && join.source === source);
}

/**
 * Of the roots that a rule reads, in lower case, the joined ones.
 * @throws SteelyardError `BadInput` when nothing of that name is joined to what the standard judges
 */
export function joinsRead(type: ResourceType, roots: ReadonlySet<string>, pointer: string): readonly string[] {
  return joins.flatMap((join) => {
    if (!roots.has(join.name.toLowerCase())) return [];
    if (join.type === type) return [join.name];
    throw new SteelyardError("BadInput", `${pointer}: found ${join.name}, which is joined to ${join.type} alone`);
  });
}

/** Why something that a rule reads is not known; undefined when all of it is. */
export function missingJoin(names: readonly string[], subject: Subject, sight: Sight): string | undefined {
  for (const name of names) {
    const joined = joins.find((join) => join.name === name)?.find(subject, sight);
    if (joined?.kind === "missing") return joined.reason;
  }
  return undefined;
}

/** What is joined to a resource, by the member at the root. */
export function bodiesJoined(subject: Subject, sight: Sight, reads: readonly Source[]): Record<string, Json> {
  const type = member(subject.body, "type");
  const bodies: Record<string, Json> = {};
  for (const join of joins) {
    if (!reads.includes(join.source) || typeof type !== "string" || text(type) !== text(join.type)) continue;
    const joined = join.find(subject, sight);
    if (joined.kind === "found") bodies[join.name] = joined.body;
  }
  return bodies;
}

/** Azure's own policies (`Microsoft.DefaultV2`) are in the list like those that people make. */
function policyOf({ body }: Subject, sight: Sight): Joined {
  const name = member(body["properties"], "raiPolicyName");
  if (typeof name !== "string" || name === "") return { kind: "none" };
  const policy = listed(sight, "raiPolicies").find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (policy !== undefined) return { kind: "found", body: policy.body };
  return { kind: "missing", reason: `The content filter policy ${name} that it names is none of the account's.` };
}

function catalogueModelOf({ body }: Subject, sight: Sight): Joined {
  const model = modelOf(body, listed(sight, "models"));
  if (model !== undefined) return { kind: "found", body: model.body };
  const named = modelNamedBy(body);
  if (named === undefined) return { kind: "missing", reason: "It does not say which version of which model it runs." };
  const { format, name, version } = named;
  const reason = `${format} ${name} ${version} is not among the models that Azure offers to the account.`;
  return { kind: "missing", reason };
}

/** An endpoint has at most one (Microsoft Learn, private endpoint DNS). */
function zoneGroupOf({ id }: Subject, sight: Sight): Joined {
  const group = listed(sight, "privateDnsZoneGroups").find((one) => one.id.startsWith(`${id}/`));
  if (group === undefined) return { kind: "none" };
  if (group.unread === undefined) return { kind: "found", body: group.body };
  return { kind: "missing", reason: `Its DNS zone group could not be read: ${group.unread}.` };
}

/** None where the directory knows nobody of that ID: whoever had the role is gone. */
function principalOf({ body }: Subject, sight: Sight): Joined {
  const principal = lookup(sight, member(body["properties"], "principalId"));
  if (principal === null) return { kind: "none" };
  if (principal !== undefined) return { kind: "found", body: shown(principal) };
  return { kind: "missing", reason: "The directory had not been asked who has the role." };
}

function listed(sight: Sight, kind: MemberKind): readonly Resource[] {
  return listOf(sight, kind) ?? [];
}
