/**
 * Microsoft.CognitiveServices/accounts/defenderForAISettings: whether Defender watches an account. There is one, named
 * `Default`; an account that was never asked has none (what the service shows before the first PUT isn't known).
 */
import { page, touched, uuid, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { childId, childOf, childrenOf, freeAccount } from "./children.ts";
import { defenderSetting } from "./cognitiveSchemas.ts";
import { ArmRefusal } from "./errors.ts";
import { defined } from "./json.ts";
import type { DefenderSetting, Tags } from "./model.ts";
import { read } from "./schema.ts";
import { cognitiveServicesVersions, PAUSE_VERSION } from "./versions.ts";

const TYPE = "Microsoft.CognitiveServices/accounts/defenderForAISettings";

export const defenderSettings: ResourceType = {
  name: TYPE,
  // The contract of the newest version doesn't have it.
  apiVersions: cognitiveServicesVersions.filter((version) => version !== PAUSE_VERSION),
  item: {
    GET: (core, call) => ({
      status: 200,
      body: childOf(core, call, "defenderSetting", call.target.lowerPath, TYPE),
    }),
    PUT: (core, call) => put(core, call, core.state.get("defenderSetting", call.target.lowerPath)),
    PATCH: (core, call) => put(core, call, childOf(core, call, "defenderSetting", call.target.lowerPath, TYPE)),
  },
  collection: { GET: (core, call) => page(core, call, childrenOf(core, call, "defenderSetting")) },
};

function put(core: Core, call: Call, before: DefenderSetting | undefined): Answer {
  const [, name = ""] = call.target.names;
  if (name.toLowerCase() !== "default") {
    // Code and wording from memory (MEM).
    throw new ArmRefusal(
      400,
      "InvalidResourceName",
      `The Defender for AI setting name '${name}' is invalid: expected 'Default'.`,
    );
  }
  const asked = read(defenderSetting, call.body, call.method === "PATCH" ? "PATCH" : "PUT");
  const account = freeAccount(core, call, TYPE);
  const kept = call.method === "PATCH" ? before?.tags : undefined;
  const setting = defined({
    id: before?.id ?? childId(account, call),
    name: before?.name ?? name,
    type: TYPE,
    etag: `"${uuid(core.random)}"`,
    tags: (asked["tags"] as Tags | undefined) ?? kept,
    properties: asked["properties"],
    systemData: touched(call, before?.systemData),
  }) as unknown as DefenderSetting;
  core.state.put("defenderSetting", call.target.lowerPath, setting);
  core.operations.busy(account.id.toLowerCase(), call.nowMs);
  return { status: before === undefined ? 201 : 200, body: setting };
}
