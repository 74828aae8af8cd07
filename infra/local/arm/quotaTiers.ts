/**
 * Microsoft.CognitiveServices/quotaTiers/default: which quota tier a subscription is in, and whether it goes up by itself.
 * Every subscription has one; only the upgrade policy can be written. Nothing is upgraded here.
 */
import { page, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { quotaTier } from "./cognitiveSchemas.ts";
import { resourceNotFound } from "./errors.ts";
import { isObject } from "./json.ts";
import type { QuotaTier } from "./model.ts";
import { read } from "./schema.ts";

const TYPE = "Microsoft.CognitiveServices/quotaTiers";

export const quotaTiers: ResourceType = {
  name: TYPE,
  apiVersions: ["2025-09-01", "2026-03-01"],
  item: { GET: getTier, PUT: putTier, PATCH: putTier },
  collection: { GET: (core, call) => page(core, call, [tierOf(core, call)]) },
};

/** A subscription that nobody wrote to is in the first paid tier and goes up when it can. */
function tierOf(core: Core, call: Call): QuotaTier {
  const id = `/subscriptions/${call.target.subscriptionId ?? ""}/providers/${TYPE}/default`;
  const written = core.state.get("quotaTier", id.toLowerCase());
  return (
    written ?? {
      id,
      name: "default",
      type: TYPE,
      properties: { currentTierName: "Tier 1", tierUpgradePolicy: "OnceUpgradeIsAvailable" },
    }
  );
}

function checkName(call: Call): void {
  const [name = ""] = call.target.names;
  if (name.toLowerCase() !== "default") throw resourceNotFound(`${TYPE}/${name}`, "");
}

function getTier(core: Core, call: Call): Answer {
  checkName(call);
  return { status: 200, body: tierOf(core, call) };
}

function putTier(core: Core, call: Call): Answer {
  checkName(call);
  const asked = read(quotaTier, call.body, call.method === "PATCH" ? "PATCH" : "PUT");
  const before = tierOf(core, call);
  const properties = isObject(asked["properties"]) ? asked["properties"] : {};
  const after: QuotaTier = { ...before, properties: { ...before.properties, ...properties } };
  core.state.put("quotaTier", before.id.toLowerCase(), after);
  return { status: 200, body: after };
}
