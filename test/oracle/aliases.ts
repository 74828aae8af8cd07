/**
 * Where a property alias leads: https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-alias
 * "Each alias maps to paths in different API versions for a given resource type."
 */
import { fold, isAbsent, type Json, type JsonObject } from "./json.ts";

/** What ARM answers to GET providers?$expand=resourceTypes/aliases. */
export interface Provider {
  readonly namespace: string;
  readonly resourceTypes: readonly {
    readonly resourceType: string;
    readonly aliases?: readonly {
      readonly name: string;
      readonly defaultPath?: string | null;
      readonly paths?: readonly { readonly path: string; readonly apiVersions?: readonly string[] }[];
    }[];
  }[];
}

/** A path in the resource; `loose` where it was not looked up but follows from the alias' name alone. */
export interface Place {
  readonly path: string;
  readonly loose: boolean;
}

/** @returns undefined where the alias is one of another resource type, whose properties this resource hasn't got. */
export function place(
  alias: string,
  resource: JsonObject,
  providers: readonly Provider[] | undefined,
  apiVersion: string | undefined,
): Place | undefined {
  const listed = providers === undefined ? undefined : lookUp(alias, resource, providers, apiVersion);
  if (listed !== undefined) return listed === "other type" ? undefined : { path: listed, loose: false };
  return byName(alias, resource["type"]);
}

function lookUp(
  alias: string,
  resource: JsonObject,
  providers: readonly Provider[],
  apiVersion: string | undefined,
): string | undefined {
  let elsewhere = false;
  for (const { namespace, resourceTypes } of providers) {
    for (const { resourceType, aliases = [] } of resourceTypes) {
      const found = aliases.find(({ name }) => fold(name) === fold(alias));
      if (found === undefined) continue;
      if (isOther(resource["type"], `${namespace}/${resourceType}`, alias)) elsewhere = true;
      else return pathAt(found, apiVersion) ?? undefined;
    }
  }
  return elsewhere ? "other type" : undefined;
}

/** An alias may be listed with a parent's; its own name says the type too. */
function isOther(type: Json | undefined, listed: string, alias: string): boolean {
  return typeof type === "string" && fold(type) !== fold(listed) && !fold(alias).startsWith(`${fold(type)}/`);
}

function pathAt(
  alias: NonNullable<Provider["resourceTypes"][number]["aliases"]>[number],
  apiVersion: string | undefined,
): string | null | undefined {
  const versions = alias.paths ?? [];
  const at = versions.find(({ apiVersions = [] }) => apiVersions.some((each) => each === apiVersion));
  return at?.path ?? alias.defaultPath ?? versions[0]?.path;
}

/** An alias that no table lists is the resource type, a slash and the property: most are. */
function byName(alias: string, type: Json | undefined): Place | undefined {
  if (isAbsent(type) || typeof type !== "string") return { path: alias.slice(alias.lastIndexOf("/") + 1), loose: true };
  if (!fold(alias).startsWith(`${fold(type)}/`)) return undefined;
  const rest = alias.slice(type.length + 1);
  return rest.includes("/") ? undefined : { path: rest, loose: true };
}
