/** Microsoft.CognitiveServices/accounts. */
import { patched, replaced } from "./accountBody.ts";
import { hexDigits, page, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { ArmRefusal, methodNotAllowed, resourceNotFound } from "./errors.ts";
import type { JsonObject } from "./json.ts";
import type { Account, AccountKeys } from "./model.ts";
import { checkNotDeleted, restored } from "./deletedAccounts.ts";
import { checkLocation } from "./regions.ts";
import { removeAccount } from "./removal.ts";
import { read } from "./schema.ts";
import * as schemas from "./schemas.ts";
import { parentPath } from "./target.ts";
import { cognitiveServicesVersions } from "./versions.ts";

const TYPE = "Microsoft.CognitiveServices/accounts";

/** A refusal to delete names some of the nested resources. */
const NESTED_IDS_SHOWN = 5;

export const accounts: ResourceType = {
  name: TYPE,
  apiVersions: cognitiveServicesVersions,
  item: { GET: getAccount, PUT: putAccount, PATCH: patchAccount, DELETE: deleteAccount },
  collection: { GET: listAccounts },
  actions: {
    listkeys: { name: "listKeys", serve: listKeys },
    regeneratekey: { name: "regenerateKey", serve: regenerateKey },
  },
};

/** The account that a target is or lies under, for reads and writes of what is in it. */
export function accountOf(core: Core, call: Call, id: string): Account {
  const account = call.stale ? core.state.getStale("account", id) : core.state.get("account", id);
  if (account !== undefined) return account;
  const group = call.target.resourceGroup ?? "";
  throw resourceNotFound(`${TYPE}/${id.slice(id.lastIndexOf("/") + 1)}`, group);
}

/**
 * A provisioning state in a request must be the resource's own (ARM's contract for resource providers).
 * @throws ArmRefusal 400.
 */
export function checkState(properties: JsonObject | undefined, now: string | undefined): void {
  const sent = properties?.["provisioningState"];
  if (sent === undefined || now === undefined || sent === now) return;
  throw new ArmRefusal(
    400,
    "InvalidResourceProperties",
    `The provisioningState ${JSON.stringify(sent)} of the request differs from that of the resource, '${now}'.`,
  );
}

function getAccount(core: Core, call: Call): Answer {
  const account = accountOf(core, call, call.target.lowerPath);
  return { status: 200, headers: { etag: account.etag }, body: account };
}

function listAccounts(core: Core, call: Call): Answer {
  const { resourceGroup, subscriptionId } = call.target;
  if (subscriptionId === undefined) throw methodNotAllowed("GET", TYPE, []);
  const group = resourceGroup === undefined ? "" : `/resourcegroups/${resourceGroup.toLowerCase()}`;
  const prefix = `/subscriptions/${subscriptionId.toLowerCase()}${group}/`;
  const found: Account[] = [];
  for (const [id, account] of core.state.entries("account")) {
    if (id.startsWith(prefix)) found.push(call.stale ? (core.state.getStale("account", id) ?? account) : account);
  }
  return page(core, call, found);
}

function putAccount(core: Core, call: Call): Answer {
  const id = call.target.lowerPath;
  checkName(call.target.names[0] ?? "");
  const asked = read(schemas.account, call.body, "PUT");
  const before = core.state.get("account", id);
  core.operations.guard(id, call.target.path, call.nowMs);
  checkState(asked["properties"] as JsonObject | undefined, before?.properties.provisioningState);
  const account = madeOf(core, call, before, asked);
  const { latency } = core.operations;
  const durationMs = before === undefined ? latency.createAccountMs : latency.putAccountMs;
  return written(
    core,
    call,
    before,
    account,
    durationMs,
    before === undefined ? 201 : 200,
    before === undefined ? "Creating" : "Accepted",
  );
}

/** What the PUT makes: the account anew, a new one, or (with `restore`) the one that was deleted. */
function madeOf(core: Core, call: Call, before: Account | undefined, asked: JsonObject): Account {
  const restore = (asked["properties"] as JsonObject | undefined)?.["restore"] === true;
  if (before === undefined && restore) return restored(core, call);
  if (before === undefined) checkNotDeleted(core, call.target.lowerPath);
  if (typeof asked["location"] === "string") checkLocation(asked["location"], TYPE);
  const account = replaced(core, call, before, asked);
  if (before === undefined) core.state.put("accountKeys", call.target.lowerPath, newKeys(core));
  return account;
}

function patchAccount(core: Core, call: Call): Answer {
  const id = call.target.lowerPath;
  const before = accountOf(core, call, id);
  const asked = read(schemas.account, call.body, "PATCH");
  core.operations.guard(id, before.id, call.nowMs);
  checkState(asked["properties"] as JsonObject | undefined, before.properties.provisioningState);
  const account = patched(core, call, before, asked);
  const durationMs = core.operations.latency.patchAccountMs;
  return written(core, call, before, account, durationMs, durationMs > 0 ? 202 : 200, "Accepted");
}

/** Stores the account; when the write takes time, in a state that its operation ends. */
function written(
  core: Core,
  call: Call,
  before: Account | undefined,
  account: Account,
  durationMs: number,
  status: number,
  state: "Creating" | "Accepted",
): Answer {
  const id = account.id.toLowerCase();
  if (durationMs <= 0) {
    core.state.put("account", id, account);
    core.operations.busy(id, call.nowMs);
    return { status, headers: { etag: account.etag }, body: account };
  }
  const pending = { ...account, properties: { ...account.properties, provisioningState: state } };
  core.state.put("account", id, pending);
  const { location } = account;
  const headers = core.operations.begin(call, {
    kind: "write",
    on: "account",
    resourceId: id,
    accountId: id,
    location,
    durationMs,
    before,
  });
  return { status, headers: { etag: account.etag, ...headers }, body: pending, accepted: true };
}

function deleteAccount(core: Core, call: Call): Answer {
  const id = call.target.lowerPath;
  const account = core.state.get("account", id);
  if (account === undefined) return { status: 204 };
  core.operations.guard(id, account.id, call.nowMs);
  checkNothingNested(core, id);
  const durationMs = core.operations.latency.deleteAccountMs;
  if (durationMs <= 0) {
    removeAccount(core.state, core.quotas, id, call.nowMs);
    return { status: 200 };
  }
  core.state.put("account", id, { ...account, properties: { ...account.properties, provisioningState: "Deleting" } });
  const headers = core.operations.begin(call, {
    kind: "delete",
    on: "account",
    resourceId: id,
    accountId: id,
    location: account.location,
    durationMs,
    before: account,
  });
  return { status: 202, headers, accepted: true };
}

function listKeys(core: Core, call: Call): Answer {
  const account = accountOf(core, call, call.target.lowerPath);
  // Seen with the SDKs and Terraform; the wording is from memory (MEM).
  if (account.properties["disableLocalAuth"] === true) {
    throw new ArmRefusal(400, "BadRequest", "Failed to list key. disableLocalAuth is set to be true");
  }
  return { status: 200, body: keysOf(core, call) };
}

function regenerateKey(core: Core, call: Call): Answer {
  const account = accountOf(core, call, call.target.lowerPath);
  const asked = read(schemas.regenerateKey, call.body, "POST");
  core.operations.guard(call.target.lowerPath, account.id, call.nowMs);
  const name = asked["keyName"] === "Key1" ? "key1" : "key2";
  const keys = { ...keysOf(core, call), [name]: hexDigits(core.random, 32) };
  core.state.put("accountKeys", call.target.lowerPath, keys);
  return { status: 200, body: keys };
}

function keysOf(core: Core, call: Call): AccountKeys {
  const keys = core.state.get("accountKeys", call.target.lowerPath);
  if (keys === undefined) throw new Error(`account '${parentPath(call.target)}' has no keys`);
  return keys;
}

export function newKeys(core: Pick<Core, "random">): AccountKeys {
  return { key1: hexDigits(core.random, 32), key2: hexDigits(core.random, 32) };
}

/** The contract's pattern and length of account names. */
function checkName(name: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,63}$/.test(name)) return;
  throw new ArmRefusal(
    400,
    "InvalidResourceName",
    `The account name '${name}' is invalid: expected 2 to 64 letters, digits, '_', '.' or '-', beginning with a letter or digit.`,
  );
}

/**
 * Projects hold their account; deployments and what else is below it don't.
 * @throws ArmRefusal 409 CannotDeleteResource.
 */
function checkNothingNested(core: Core, id: string): void {
  const nested = [...core.state.entries("project")].filter(([other]) => other.startsWith(`${id}/`));
  if (nested.length === 0) return;
  const ids = nested.slice(0, NESTED_IDS_SHOWN).map(([, project]) => project.id);
  throw new ArmRefusal(
    409,
    "CannotDeleteResource",
    `Cannot delete resource while nested resources exist. Some existing nested resource IDs include: '${ids.join(",")}'. Please delete all nested resources before deleting this resource.`,
  );
}
