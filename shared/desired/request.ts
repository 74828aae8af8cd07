/** From a change to the one request that makes it, and nothing else. */
import { assert } from "../kernel/errors.ts";
import { objectOf, type Json } from "../kernel/canonicalJson.ts";
import { memberKindOf } from "../estate/member.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import type { MemberKind } from "../estate/sight.ts";
import type { Change } from "./change.ts";
import { patchBody, type Body } from "./compare.ts";

export type Write =
  /** Merge patch of the resource. */
  | { readonly kind: "patch"; readonly target: ResourceId; readonly body: Body }
  /** The whole resource, as it was read and with the changed fields. */
  | { readonly kind: "put"; readonly target: ResourceId; readonly body: Body }
  | { readonly kind: "delete"; readonly target: ResourceId }
  /** Quarantine of a deployment, and its end: it answers no requests and keeps its capacity. */
  | { readonly kind: "pause" | "resume"; readonly target: ResourceId }
  /** Tags that are set, or taken away by name. */
  | {
      readonly kind: "tags";
      readonly target: ResourceId;
      readonly operation: "Merge" | "Delete";
      readonly tags: Readonly<Record<string, string>>;
    };

/** What a remedy makes where nothing was, and what can be taken away again. */
const removable: readonly MemberKind[] = ["locks", "diagnosticSettings", "alertRules", "privateDnsZoneGroups"];

/** What changes may write whole, beside the account; of whatever else belongs to it nothing is. */
const written: ReadonlySet<MemberKind> = new Set<MemberKind>(["deployments", "raiPolicies", "defender", ...removable]);

const pausedPath = "properties.deploymentState";

/** What is sent whole by changes of its properties, so that what is left out is absent again. */
const replaced: readonly MemberKind[] = ["deployments", "raiPolicies"];

/** Whether the field can be taken away again that a change brings where nothing was. */
export function canBeAbsent(key: ResourceId, target: ResourceId, path: string): boolean {
  if (target === key) return path.startsWith("tags.");
  const kind = memberKindOf(key, target);
  if (kind === undefined) return false;
  return (
    removable.includes(kind) || (replaced.includes(kind) && /^properties\.[A-Za-z]+$/.test(path) && path !== pausedPath)
  );
}

/**
 * The request that makes a change of one target. `observed`: the target as it was read just now; undefined when it is not
 * there. What a standard or claim may ask of one target in one change is of one kind.
 */
export function writeOf(
  key: ResourceId,
  { target, fields }: Pick<Change, "target" | "fields">,
  observed: Body | undefined,
): Write {
  const paths = fields.map(({ path }) => path);
  const kind = memberKindOf(key, target);
  if (target === key) {
    if (!paths.some((path) => path.startsWith("tags.")))
      return { kind: "patch", target, body: wholeMembers(fields, observed ?? {}) };
    assert(
      paths.every((path) => path.startsWith("tags.")),
      `tags and other fields of ${target} in one change`,
    );
    return tagWrite(target, fields, objectOf(observed?.["tags"]));
  }
  if (kind === "deployments" && paths.length === 1) {
    if (paths[0] === pausedPath) return { kind: fields[0]?.after === "Paused" ? "pause" : "resume", target };
    if (paths[0] === "sku.capacity")
      return { kind: "patch", target, body: { sku: { ...skuOf(observed), capacity: fields[0]?.after ?? null } } };
  }
  if (kind === "connections") return { kind: "patch", target, body: connectionPatch(target, fields, observed ?? {}) };
  assert(kind !== undefined && written.has(kind), `${target} is nothing that a change may write`);
  assert(!paths.includes(pausedPath), `the state and other fields of ${target} in one change`);
  const body = withFields(writable(kind, observed ?? {}), fields);
  assert(
    fields.every(({ path, after }) => after !== null || canBeAbsent(key, target, path)),
    `${target} has a field that a change may not take away`,
  );
  const isEmptied = fields.every(({ after }) => after === null) && !hasDestination(body);
  if (isEmptied && removable.includes(kind)) return { kind: "delete", target };
  return { kind: "put", target, body };
}

/** Azure reads the rest of a connection's properties by how it authenticates, so a patch says that, too; no secret is sent. */
function connectionPatch(target: ResourceId, fields: Change["fields"], observed: Body): Body {
  assert(
    fields.every(({ path, after }) => /^properties\.[A-Za-z]+$/.test(path) && after !== null),
    `${target} changed in more than its properties`,
  );
  const { authType = null } = objectOf(observed["properties"]);
  return { properties: { authType, ...objectOf(patchBody(fields)["properties"]) } };
}

/** Where a diagnostic setting may send logs to, beside a workspace (api-version 2021-05-01-preview). */
const destinations = ["storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId", "serviceBusRuleId"];

/** Whether somebody has logs sent elsewhere by a setting of ours: theirs stays when ours goes. */
function hasDestination({ properties }: Body): boolean {
  return destinations.some((name) => (objectOf(properties)[name] ?? null) !== null);
}

/** `tags`: those that are there. Names are one whatever their case, and the last spelling stays: theirs is kept. */
function tagWrite(target: ResourceId, fields: Change["fields"], tags: Body): Write {
  const isRemoval = fields.every(({ after }) => after === null);
  assert(
    isRemoval || fields.every(({ after }) => typeof after === "string"),
    `tags of ${target} set and taken away in one change`,
  );
  const named = fields.map(({ path, after }) => {
    const name = path.slice("tags.".length);
    const spelled = Object.keys(tags).find((other) => other.toLowerCase() === name.toLowerCase());
    return [spelled ?? name, isRemoval || typeof after !== "string" ? "" : after];
  });
  return {
    kind: "tags",
    target,
    operation: isRemoval ? "Delete" : "Merge",
    tags: Object.fromEntries(named) as Record<string, string>,
  };
}

/**
 * The patch of an account. ARM replaces each member of `properties` whole, so of a field that lies deeper the member is
 * sent as it was read, with that field changed.
 */
function wholeMembers(fields: Change["fields"], observed: Body): Body {
  const body = patchBody(fields) as Record<string, Json>;
  const changed = body["properties"] as Body | undefined;
  if (changed === undefined) return body;
  const before = objectOf(observed["properties"]);
  const names = new Set(
    fields.filter(({ path }) => path.split(".").length > 2).map(({ path }) => path.split(".")[1] ?? ""),
  );
  const whole = [...names].map((name) => {
    const deeper = fields.filter(({ path }) => path.startsWith(`properties.${name}.`));
    return [
      name,
      withFields(
        objectOf(before[name]),
        deeper.map((field) => ({ ...field, path: field.path.split(".").slice(2).join(".") })),
      ),
    ] as const;
  });
  return { ...body, properties: { ...changed, ...Object.fromEntries(whole) } };
}

/** The body with the fields set, and without those whose value is null. */
function withFields(body: Body, fields: readonly Pick<Change["fields"][number], "path" | "after">[]): Body {
  let next = body;
  for (const { path, after } of fields) next = withField(next, path.split("."), after);
  return next;
}

function withField(body: Body, [name = "", ...rest]: readonly string[], value: Json): Body {
  if (rest.length > 0) return { ...body, [name]: withField(objectOf(body[name]), rest, value) };
  const { [name]: _, ...others } = body;
  return value === null ? others : { ...others, [name]: value };
}

/** What Azure says of a resource and takes from nobody (api-version 2026-03-01, marks `readOnly`). */
const readOnly: Readonly<Record<string, readonly string[]>> = {
  deployments: [
    "provisioningState",
    "capabilities",
    "rateLimits",
    "dynamicThrottlingEnabled",
    "currentCapacity",
    "callRateLimit",
    "deploymentState",
  ],
  raiPolicies: ["type"],
  alertRules: ["lastUpdatedTime", "isMigrated"],
  privateDnsZoneGroups: ["provisioningState"],
};

/** What of a resource may be sent back. */
function writable(kind: string, observed: Body): Body {
  const { sku, tags } = observed;
  const properties = Object.entries(objectOf(observed["properties"])).filter(
    ([name]) => readOnly[kind]?.includes(name) !== true,
  );
  return {
    // Alerts belong to no region, and Azure asks for that to be said.
    ...(kind === "alertRules" ? { location: observed["location"] ?? "global" } : {}),
    ...(sku === undefined || sku === null ? {} : { sku }),
    ...(tags === undefined || tags === null ? {} : { tags }),
    properties: Object.fromEntries(
      properties.map(([name, value]) => [name, name === "model" ? modelOf(value) : value]),
    ),
  };
}

function modelOf(value: Json): Json {
  const { callRateLimit: _, ...model } = objectOf(value);
  return model;
}

/** A patch of a SKU names it, so that it stays what it is. */
function skuOf(observed: Body | undefined): Body {
  const { name } = objectOf(observed?.["sku"]);
  return name === undefined ? {} : { name };
}
