/** Sights for policies that come from elsewhere: of one account, and of the accounts of a scenario. */
import { ArmEngine } from "../../infra/local/arm/engine.ts";
import { estateOf } from "../../infra/local/platform/seed.ts";
import type { Scenario } from "../../infra/local/scenarios/scenario.ts";
import { parseAccount } from "../../shared/estate/account.ts";
import { parseResource } from "../../shared/estate/resource.ts";
import { toResourceId, type ResourceId } from "../../shared/estate/resourceId.ts";
import type { MemberKind, Resource, Sight, Unread } from "../../shared/estate/sight.ts";
import type { Json } from "../../shared/kernel/canonicalJson.ts";
import { textIn } from "../../shared/standards/imported/items.ts";
import type { JsonObject } from "../../shared/standards/policy/values.ts";
import { noTls } from "./armRig.ts";
import { engineContext } from "./engineContext.ts";

export const accountId =
  "/subscriptions/5b000000-0000-4000-8000-000000000001/resourceGroups/rg-one/providers/Microsoft.CognitiveServices/accounts/one";
const accountType = "Microsoft.CognitiveServices/accounts";

/** Lists by kind; an element's `id` is what follows the account's. */
export function sightOfAccount(
  body: JsonObject,
  members: Partial<Record<MemberKind, readonly JsonObject[] | Unread>> = {},
): Sight {
  const lists = Object.entries(members).map(([kind, list]) => {
    if (!Array.isArray(list)) return [kind, list] as const;
    const resources = (list as readonly JsonObject[]).map((one) =>
      resource({
        ...one,
        id: kind === "resourceGroup" ? accountId.split("/providers")[0]! : `${accountId}${textIn(one, "id")}`,
      }),
    );
    return [kind, resources] as const;
  });
  const account = parseAccount({ id: accountId, name: "one", type: accountType, location: "westeurope", ...body });
  return { account, members: Object.fromEntries(lists) };
}

export function resource(body: JsonObject): Resource {
  const text = textIn(body, "id");
  const id = toResourceId(text) ?? (text.toLowerCase() as ResourceId);
  const name = text.slice(text.lastIndexOf("/") + 1);
  const times = { lastModifiedBy: undefined, lastModifiedAt: undefined, createdAt: undefined };
  return { id, name, provisioningState: "Succeeded", ...times, body: { name, ...body } };
}

/** What looks at each account of a scenario see, with every list that its estate has. */
export function sightsOf(scenario: Scenario): Sight[] {
  const arm = new ArmEngine(engineContext(), {
    ports: { plain: 0, tls: 0 },
    tls: noTls,
    verify: async () => undefined,
    groupsOf: () => [],
    onChange: () => {},
  });
  arm.seed(estateOf(scenario));
  const state = Object.entries(arm.state()) as [string, { readonly [key: string]: Json }][];
  const below = (kind: MemberKind, id: string, pattern: RegExp): Resource[] =>
    state
      .filter(([one]) => one.startsWith(`${id}/`) && pattern.test(one.slice(id.length)))
      .map(([, one]) => parseResource(kind, one));
  const endpointsOf = (id: string): Resource[] =>
    state
      .filter(([, { type }]) => type === "Microsoft.Network/privateEndpoints")
      .filter(([, one]) => JSON.stringify(one).toLowerCase().includes(`"privatelinkserviceid":"${id}"`))
      .map(([, one]) => parseResource("privateEndpoints", one));
  return state
    .filter(([, { type }]) => type === accountType)
    .map(([id, body]) => ({
      account: parseAccount(body),
      members: {
        deployments: below("deployments", id, /^\/deployments\/[^/]+$/),
        raiPolicies: below("raiPolicies", id, /^\/raipolicies\/[^/]+$/),
        models: [],
        privateEndpoints: endpointsOf(id),
        privateDnsZoneGroups: endpointsOf(id).flatMap((one) =>
          below("privateDnsZoneGroups", one.id, /^\/privatednszonegroups\/[^/]+$/),
        ),
        diagnosticSettings: below("diagnosticSettings", id, /diagnosticsettings\/[^/]+$/),
        locks: below("locks", id, /locks\/[^/]+$/),
        resourceGroup: [resource({ id: id.split("/providers")[0]!, type: "Microsoft.Resources/resourceGroups" })],
      },
    }));
}
