/**
 * The regions of Azure's public cloud in which Cognitive Services accounts can be made, and `global`, where accounts of
 * the older search and translation kinds live. From the list of regions of November 2026; access-restricted ones left out.
 */
import { ArmRefusal } from "./errors.ts";
import { normalLocation } from "./quotas.ts";

export const REGIONS: readonly string[] = [
  ..."australiaeast brazilsouth canadacentral canadaeast centralindia centralus eastasia eastus eastus2".split(" "),
  ..."francecentral germanywestcentral italynorth japaneast japanwest jioindiawest koreacentral".split(" "),
  ..."northcentralus northeurope norwayeast polandcentral qatarcentral southafricanorth southcentralus".split(" "),
  ..."southeastasia southindia spaincentral swedencentral switzerlandnorth switzerlandwest uaenorth".split(" "),
  ..."uksouth ukwest westcentralus westeurope westus westus2 westus3 global".split(" "),
];

const known = new Set(REGIONS);

/**
 * Refuses a location that is no region, in ARM's words. `Sweden Central` and `swedencentral` are the same.
 * @throws ArmRefusal 400 LocationNotAvailableForResourceType.
 */
export function checkLocation(location: string, type: string): void {
  if (known.has(normalLocation(location))) return;
  throw new ArmRefusal(
    400,
    "LocationNotAvailableForResourceType",
    `The provided location '${location}' is not available for resource type '${type}'. List of available regions for the resource type is '${REGIONS.join(",")}'.`,
  );
}
