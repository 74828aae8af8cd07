/** What a remedy writes: the judged resource, something below it, or something beside it that is named after it. */
import { accountOf, type ResourceId } from "../estate/resourceId.ts";
import { listOf, type Sight } from "../estate/sight.ts";

/**
 * A path in lower case. `{group}` at its start is the resource group of what was judged, else it lies below that; `{account}`
 * and `{name}` are the names of the account and of what was judged, `{dnsZoneGroup}` that of the zone group that an endpoint
 * has, or `default`: it can have one only, whatever its name.
 */
export const targetPattern = /^(?:\{group\})?(?:\/(?:[a-z0-9.-]|\{(?:account|name|dnsZoneGroup)\})+)+$/;

export function remedyTarget(template: string, judged: ResourceId, sight: Sight): ResourceId {
  const path = template
    .replace("{group}", "")
    .replaceAll("{account}", () => accountOf(sight.account.address.id)?.name ?? "")
    .replaceAll("{name}", () => judged.slice(judged.lastIndexOf("/") + 1))
    .replaceAll("{dnsZoneGroup}", () => zoneGroupOf(judged, sight));
  const start = template.startsWith("{group}") ? judged.split("/").slice(0, 5).join("/") : judged;
  return `${start}${path}` as ResourceId;
}

function zoneGroupOf(endpoint: ResourceId, sight: Sight): string {
  const groups = listOf(sight, "privateDnsZoneGroups");
  const group = groups?.find(({ id, unread }) => unread === undefined && id.startsWith(`${endpoint}/`));
  return group?.name.toLowerCase() ?? "default";
}
