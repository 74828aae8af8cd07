/**
 * Microsoft.CognitiveServices/accounts/raiPolicies: which harms a deployment's content filter looks for, and how hard.
 * `Microsoft.Default` and `Microsoft.DefaultV2` are the system's: they are on every account and can't be written. A
 * deployment names its policy; a policy that one names can't be deleted.
 *
 * Not taken: custom topics, safety providers and filter actions, which the versions of the API disagree about.
 */
import { accountOf } from "./accounts.ts";
import { page, touched, uuid, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { accountIdOf, childId, childOf, childrenOf, freeAccount } from "./children.ts";
import { raiPolicy } from "./cognitiveSchemas.ts";
import { ArmRefusal } from "./errors.ts";
import { defined, isObject, type JsonObject } from "./json.ts";
import type { Account, RaiPolicy, Tags } from "./model.ts";
import { read } from "./schema.ts";
import { cognitiveServicesVersions } from "./versions.ts";

const TYPE = "Microsoft.CognitiveServices/accounts/raiPolicies";

export const raiPolicies: ResourceType = {
  name: TYPE,
  apiVersions: cognitiveServicesVersions,
  item: { GET: getPolicy, PUT: putPolicy, DELETE: deletePolicy },
  collection: { GET: listPolicies },
};

const SYSTEM_POLICIES = ["Microsoft.Default", "Microsoft.DefaultV2"] as const;

const HARMS = ["hate", "sexual", "selfharm", "violence"] as const;

/** Medium and above is filtered on both sides; V2 looks for jailbreaks and protected material too. */
function systemFilters(name: (typeof SYSTEM_POLICIES)[number]): JsonObject[] {
  const both = ["Prompt", "Completion"] as const;
  const harms = HARMS.flatMap((harm) =>
    both.map((source) => ({ name: harm, enabled: true, blocking: true, severityThreshold: "Medium", source })),
  );
  if (name === "Microsoft.Default") return harms;
  return [
    ...harms,
    { name: "jailbreak", enabled: true, blocking: true, source: "Prompt" },
    { name: "protected_material_text", enabled: true, blocking: true, source: "Completion" },
    { name: "protected_material_code", enabled: true, blocking: false, source: "Completion" },
  ];
}

function systemPolicies(account: Account): RaiPolicy[] {
  return SYSTEM_POLICIES.map((name) => ({
    id: `${account.id}/raiPolicies/${name}`,
    name,
    type: TYPE,
    properties: { type: "SystemManaged", mode: "Default", contentFilters: systemFilters(name) },
  }));
}

function systemPolicy(account: Account, name: string): RaiPolicy | undefined {
  return systemPolicies(account).find((policy) => policy.name.toLowerCase() === name.toLowerCase());
}

/**
 * Refuses a policy that isn't on the account. Code and wording from memory (MEM).
 * @throws ArmRefusal 400 InvalidResourceProperties.
 */
export function checkPolicy(core: Core, account: Account, name: string): void {
  if (systemPolicy(account, name) !== undefined) return;
  if (core.state.get("raiPolicy", `${account.id}/raiPolicies/${name}`.toLowerCase()) !== undefined) return;
  throw new ArmRefusal(
    400,
    "InvalidResourceProperties",
    `The RAI policy '${name}' of account deployment does not exist on account '${account.name}'.`,
  );
}

function getPolicy(core: Core, call: Call): Answer {
  const [, name = ""] = call.target.names;
  const system = systemPolicy(accountOf(core, call, accountIdOf(call.target.lowerPath)), name);
  const policy = system ?? childOf(core, call, "raiPolicy", call.target.lowerPath, TYPE);
  return { status: 200, body: policy };
}

function listPolicies(core: Core, call: Call): Answer {
  const account = accountOf(core, call, accountIdOf(call.target.lowerPath));
  return page(core, call, [...systemPolicies(account), ...childrenOf(core, call, "raiPolicy")]);
}

function putPolicy(core: Core, call: Call): Answer {
  const id = call.target.lowerPath;
  const [, name = ""] = call.target.names;
  checkName(name);
  const asked = read(raiPolicy, call.body, "PUT");
  const account = freeAccount(core, call, TYPE);
  const properties = isObject(asked["properties"]) ? asked["properties"] : {};
  const base = properties["basePolicyName"];
  if (typeof base === "string") checkPolicy(core, account, base);
  const before = core.state.get("raiPolicy", id);
  const policy = defined({
    id: before?.id ?? childId(account, call),
    name: before?.name ?? name,
    type: TYPE,
    etag: `"${uuid(core.random)}"`,
    tags: asked["tags"] as Tags | undefined,
    properties: { mode: "Default", ...properties, type: "UserManaged" },
    systemData: touched(call, before?.systemData),
  }) as RaiPolicy;
  core.state.put("raiPolicy", id, policy);
  core.operations.busy(account.id.toLowerCase(), call.nowMs);
  return { status: before === undefined ? 201 : 200, body: policy };
}

/** Always a long-running operation: the contract knows no 200 here. */
function deletePolicy(core: Core, call: Call): Answer {
  const id = call.target.lowerPath;
  const [, name = ""] = call.target.names;
  const account = accountOf(core, call, accountIdOf(id));
  if (systemPolicy(account, name) !== undefined) throw systemOwned(name);
  if (core.state.get("raiPolicy", id) === undefined) return { status: 204 };
  freeAccount(core, call, TYPE);
  checkUnused(core, account, name);
  const headers = core.operations.begin(call, {
    kind: "delete",
    on: "raiPolicy",
    resourceId: id,
    accountId: account.id.toLowerCase(),
    location: account.location,
    durationMs: core.operations.latency.deleteRaiPolicyMs,
    before: undefined,
  });
  return { status: 202, headers, accepted: true };
}

/** That a policy in use stays is documented; code and wording are from memory (MEM). */
function checkUnused(core: Core, account: Account, name: string): void {
  const prefix = `${account.id.toLowerCase()}/deployments/`;
  for (const [id, deployment] of core.state.entries("deployment")) {
    const named = deployment.properties["raiPolicyName"];
    if (!id.startsWith(prefix) || typeof named !== "string" || named.toLowerCase() !== name.toLowerCase()) continue;
    throw new ArmRefusal(
      400,
      "RaiPolicyInUse",
      `The RAI policy '${name}' is used by the deployment '${deployment.name}'. Point it to another policy first.`,
    );
  }
}

function checkName(name: string): void {
  if (/^microsoft\./i.test(name)) throw systemOwned(name);
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$/.test(name)) return;
  throw new ArmRefusal(
    400,
    "InvalidResourceName",
    `The RAI policy name '${name}' is invalid: expected 1 to 64 letters, digits, '_', '.' or '-', beginning with a letter or digit.`,
  );
}

function systemOwned(name: string): ArmRefusal {
  return new ArmRefusal(400, "InvalidResourceName", `The RAI policy '${name}' is managed by the system.`);
}
