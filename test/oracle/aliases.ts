/**
 * Where a property alias leads: https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-alias
 * "Each alias maps to paths in different API versions for a given resource type."
 */
import { alike, fold, get, type JsonObject, type Maybe } from "./json.ts";

/** What ARM answers to GET providers?$expand=resourceTypes/aliases. */
export interface Provider {
  readonly namespace: string;
  readonly resourceTypes: readonly {
    readonly resourceType: string;
    readonly aliases?: readonly Listed[];
  }[];
}

interface Listed {
  readonly name: string;
  readonly defaultPath?: string | null;
  readonly paths?: readonly { readonly path: string; readonly apiVersions?: readonly string[] }[];
}

/** @returns undefined where the alias is one of another resource type, whose properties this resource hasn't got. */
export function place(
  alias: string,
  resource: JsonObject,
  providers: readonly Provider[],
  apiVersion: string | undefined,
): string | undefined {
  const type = get(resource, "type");
  for (const { namespace, resourceTypes } of providers) {
    for (const { resourceType, aliases = [] } of resourceTypes) {
      if (!alike(type, `${namespace}/${resourceType}`)) continue;
      const found = aliases.find(({ name }) => fold(name) === fold(alias));
      if (found !== undefined) return pathAt(found, apiVersion);
    }
  }
  return byName(alias, type, providers);
}

function pathAt(alias: Listed, apiVersion: string | undefined): string | undefined {
  const versions = alias.paths ?? [];
  const at = versions.find(({ apiVersions = [] }) => apiVersions.some((each) => alike(each, apiVersion)));
  return at?.path ?? alias.defaultPath ?? versions[0]?.path;
}

/**
 * An alias that no table lists for the resource's type is the type, a slash and the property: most are. Some old ones name
 * a namespace and no type.
 */
function byName(alias: string, type: Maybe, providers: readonly Provider[]): string | undefined {
  const [, owner = "", property = ""] = /^(.*)\/([^/]+)$/.exec(alias) ?? [];
  const isListed = providers.some(({ resourceTypes }) =>
    resourceTypes.some(({ aliases = [] }) => aliases.some(({ name }) => fold(name) === fold(alias))),
  );
  if (!alike(type, owner) && (owner.includes("/") || isListed)) return undefined;
  const [first = ""] = property.split(/[.[]/);
  const below = root.has(fold(first)) ? property : `properties.${property}`;
  return below.replace(inResource, "$&properties.");
}

/** Before a property of an element that is a resource itself. */
const inResource =
  /(privateEndpointConnections|(manualP|p)rivateLinkServiceConnections|privateDnsZoneConfigs)\[\*\]\.(?!(id|name|type|properties|systemData)(\.|$))/i;

/** What ARM keeps beside "properties" in a resource. */
const root = new Set(
  ["sku", "kind", "identity", "plan", "zones", "extendedLocation", "managedBy", "tags", "location"].map(fold),
);
