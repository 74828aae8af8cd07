/**
 * Resources of a resource group that are kept as they were put: their type says which bodies it takes, what it adds and
 * what it checks. PUT replaces, PATCH replaces the members of `properties` that it names and the tags. Done at once.
 */
import type { TrackedResource } from "./areas.ts";
import { page, type Answer, type Call, type Core, type ResourceType, type Serve } from "./call.ts";
import { methodNotAllowed, resourceNotFound } from "./errors.ts";
import { defined, isObject, type JsonObject } from "./json.ts";
import type { Tags } from "./model.ts";
import { removeExtensions } from "./removal.ts";
import { read, type ObjectSchema } from "./schema.ts";

export interface TrackedType {
  readonly name: string;
  readonly apiVersions: readonly string[];
  readonly body: ObjectSchema;
  /** Without it, PATCH isn't served. */
  readonly patch?: ObjectSchema;
  /** 201 for what didn't exist, or 200 for every PUT. */
  readonly created: 200 | 201;
  /** Lists come in pages. */
  readonly paged: boolean;
  /** The properties as they are kept; refuses what the provider refuses. */
  readonly built: (core: Core, call: Call, asked: JsonObject, before: TrackedResource | undefined) => JsonObject;
  /** Members of the resource besides properties, tags and location. */
  readonly envelope?: (core: Core) => { readonly etag?: string };
  /** Headers of a PUT's answer. */
  readonly headers?: (core: Core, call: Call) => Readonly<Record<string, string>>;
  /** What goes along with a deletion; inside its transaction. */
  readonly removed?: (core: Core, call: Call, resource: TrackedResource) => void;
  /** How the provider's errors are shaped; ARM's form without it. */
  readonly wrap?: (serve: Serve) => Serve;
}

export function trackedType(type: TrackedType): ResourceType {
  const wrap = type.wrap ?? ((serve: Serve): Serve => serve);
  const patching = type.patch === undefined ? {} : { PATCH: wrap((core, call) => patch(type, core, call)) };
  return {
    name: type.name,
    apiVersions: type.apiVersions,
    item: {
      GET: wrap((core, call) => get(type, core, call)),
      PUT: wrap((core, call) => put(type, core, call)),
      ...patching,
      DELETE: wrap((core, call) => remove(type, core, call)),
    },
    collection: { GET: wrap((core, call) => listAll(type, core, call)) },
  };
}

/** A tracked resource of the type; undefined when there is none of that type under that ID. */
export function trackedAt(core: Pick<Core, "state">, type: string, id: string): TrackedResource | undefined {
  const found = core.state.get("tracked", id.toLowerCase());
  return found?.type.toLowerCase() === type.toLowerCase() ? found : undefined;
}

function found(type: TrackedType, core: Core, call: Call): TrackedResource {
  const { lowerPath, names, resourceGroup } = call.target;
  const resource = call.stale ? core.state.getStale("tracked", lowerPath) : core.state.get("tracked", lowerPath);
  if (resource !== undefined) return resource;
  throw resourceNotFound(`${type.name}/${names[0] ?? ""}`, resourceGroup ?? "");
}

function get(type: TrackedType, core: Core, call: Call): Answer {
  const resource = found(type, core, call);
  return { status: 200, ...(resource.etag === undefined ? {} : { headers: { etag: resource.etag } }), body: resource };
}

function listAll(type: TrackedType, core: Core, call: Call): Answer {
  const { resourceGroup, subscriptionId } = call.target;
  if (subscriptionId === undefined) throw methodNotAllowed("GET", type.name, []);
  const group = resourceGroup === undefined ? "" : `/resourcegroups/${resourceGroup.toLowerCase()}`;
  const prefix = `/subscriptions/${subscriptionId.toLowerCase()}${group}/`;
  const value = [...core.state.entries("tracked")]
    .filter(([id, resource]) => id.startsWith(prefix) && resource.type === type.name)
    .map(([, resource]) => resource);
  return type.paged ? page(core, call, value) : { status: 200, body: { value } };
}

function put(type: TrackedType, core: Core, call: Call): Answer {
  const { lowerPath, path, names, resourceGroup } = call.target;
  if (resourceGroup === undefined) throw methodNotAllowed("PUT", type.name, ["GET"]);
  const asked = read(type.body, call.body, "PUT");
  const before = core.state.get("tracked", lowerPath);
  const resource = defined({
    id: before?.id ?? path,
    name: before?.name ?? names[0] ?? "",
    type: type.name,
    ...type.envelope?.(core),
    location: before?.location ?? (asked["location"] as string),
    tags: asked["tags"] as Tags | undefined,
    properties: type.built(core, call, properties(asked), before),
  }) as TrackedResource;
  core.state.put("tracked", lowerPath, resource);
  return {
    status: before === undefined ? type.created : 200,
    headers: { ...type.headers?.(core, call), ...(resource.etag === undefined ? {} : { etag: resource.etag }) },
    body: resource,
  };
}

function patch(type: TrackedType, core: Core, call: Call): Answer {
  if (type.patch === undefined) throw methodNotAllowed("PATCH", type.name, ["GET", "PUT", "DELETE"]);
  const before = found(type, core, call);
  const asked = read(type.patch, call.body, "PATCH");
  const resource = {
    ...before,
    ...(asked["tags"] === undefined ? {} : { tags: asked["tags"] as Tags }),
    properties: type.built(core, call, { ...before.properties, ...properties(asked) }, before),
  };
  core.state.put("tracked", call.target.lowerPath, resource);
  return { status: 200, body: resource };
}

function remove(type: TrackedType, core: Core, call: Call): Answer {
  const resource = core.state.get("tracked", call.target.lowerPath);
  if (resource === undefined) return { status: 204 };
  type.removed?.(core, call, resource);
  core.state.delete("tracked", call.target.lowerPath);
  removeExtensions(core.state, call.target.lowerPath);
  return { status: 200 };
}

function properties(asked: JsonObject): JsonObject {
  return isObject(asked["properties"]) ? asked["properties"] : {};
}
