/** The estate at a moment, and what differs between two. */
import { canonicalJson, type Json } from "../../shared/kernel/canonicalJson.ts";
import { objectOf, textOf } from "./others.ts";

type Body = Record<string, Json>;

/** Bodies by ID in lower case. */
export type Snapshot = Readonly<Record<string, Body>>;

export interface Difference {
  readonly id: string;
  /** Dotted path in its body; empty for the whole resource. */
  readonly path: string;
  /** Undefined: it was not there. */
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** Written anew at every write, whatever it is. */
const volatile = ["etag", "lastModifiedBy", "lastModifiedByType", "lastModifiedAt"];

export function snapshotOf(state: Readonly<Record<string, unknown>>): Snapshot {
  const bodies = Object.entries(state).map(
    ([id, body]) => [id, asShown(without(body as Json, volatile) as Body)] as const,
  );
  return Object.fromEntries(bodies);
}

/** Made anew each time that the same estate is laid, or telling when it was. */
const made = [
  "principalId",
  "clientId",
  "customerId",
  "internalId",
  "dateCreated",
  "createdAt",
  "createdBy",
  "createdByType",
];
const dated = ["createdOn", "updatedOn", "lastUpdatedTime"];

/** For estates that were laid at other times; IDs of resources and their names are the same in any case. */
export function comparable(snapshot: Snapshot): Snapshot {
  const kept = Object.entries(snapshot).map(([id, named]) => {
    const { name: _, ...body } = named;
    const { privateEndpointConnections } = objectOf(body["properties"]);
    const told = inLowerCase(without(body, [...made, ...dated])) as Body;
    if (!Array.isArray(privateEndpointConnections)) return [id, told] as const;
    // Azure makes up what connections are called.
    const connections = without(privateEndpointConnections as Json, [...made, "id", "name"]);
    return [
      id,
      { ...told, properties: { ...objectOf(told["properties"]), privateEndpointConnections: connections } },
    ] as const;
  });
  return Object.fromEntries(kept);
}

/** With the IDs of resources in lower case. */
export function inLowerCase(value: Json): Json {
  if (typeof value === "string") return value.startsWith("/subscriptions/") ? value.toLowerCase() : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return (value as Json[]).map((element) => inLowerCase(element));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inLowerCase(member)]));
}

function without(value: Json, names: readonly string[]): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return (value as Json[]).map((element) => without(element, names));
  const kept = Object.entries(value).filter(([name]) => !names.includes(name));
  return Object.fromEntries(kept.map(([name, member]) => [name, without(member, names)]));
}

/** No identity and the identity None are one, and so are no tags and an empty set of them; a deployment that nobody paused is running. */
function asShown(given: Body): Body {
  const { tags, ...rest } = given;
  const body = Object.keys(objectOf(tags)).length === 0 ? rest : given;
  const type = textOf(body["type"]).toLowerCase();
  if (type.endsWith("cognitiveservices/accounts")) return { ...body, identity: body["identity"] ?? { type: "None" } };
  if (!type.endsWith("/accounts/deployments")) return body;
  return { ...body, properties: { deploymentState: "Running", ...objectOf(body["properties"]) } };
}

export function differences(before: Snapshot, after: Snapshot): Difference[] {
  const ids = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...ids].sort().flatMap((id) => {
    const [one, other] = [before[id], after[id]];
    if (one === undefined || other === undefined) return [{ id, path: "", before: one, after: other }];
    return within(id, "", one, other);
  });
}

function within(id: string, path: string, before: Json | undefined, after: Json | undefined): Difference[] {
  if (before !== undefined && after !== undefined && canonicalJson(before) === canonicalJson(after)) return [];
  if (!isObject(before) || !isObject(after)) return [{ id, path, before, after }];
  const names = new Set([...Object.keys(objectOf(before)), ...Object.keys(objectOf(after))]);
  return [...names]
    .sort()
    .flatMap((name) =>
      within(id, path === "" ? name : `${path}.${name}`, objectOf(before)[name], objectOf(after)[name]),
    );
}

function isObject(value: Json | undefined): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function shown({ id, path, before, after }: Difference): string {
  const text = (value: Json | undefined): string =>
    value === undefined ? "absent" : JSON.stringify(value).slice(0, 120);
  return `${id.slice(id.lastIndexOf("/") + 1)} ${path}: ${text(before)} -> ${text(after)}`;
}
