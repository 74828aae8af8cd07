/**
 * Soft-deleted accounts. A deleted account can be restored, with all that was below it, for 48 hours (PUT of its name with
 * `properties.restore`), or purged; then it is gone. Until then its name and subdomain stay taken and its deployments
 * hold their quota. Its role assignments and locks are gone at once.
 */
import { page, touched, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { ArmRefusal, resourceNotFound } from "./errors.ts";
import type { Account, DeletedAccount } from "./model.ts";
import { accountEtag } from "./operations.ts";
import { sameLocation } from "./quotas.ts";
import { cognitiveServicesVersions } from "./versions.ts";

const TYPE = "Microsoft.CognitiveServices/locations/resourceGroups/deletedAccounts";

export const deletedAccountTypes: readonly ResourceType[] = [
  {
    name: TYPE,
    apiVersions: cognitiveServicesVersions,
    item: { GET: getDeleted, DELETE: purge },
  },
  {
    name: "Microsoft.CognitiveServices/deletedAccounts",
    apiVersions: cognitiveServicesVersions,
    collection: { GET: listDeleted },
  },
];

/** The deleted account that a path with its location names; undefined when there is none there. */
function named(core: Core, call: Call): DeletedAccount | undefined {
  const [location = "", group = "", name = ""] = call.target.names;
  const id = `/subscriptions/${call.target.subscriptionId ?? ""}/resourceGroups/${group}/providers/Microsoft.CognitiveServices/accounts/${name}`;
  const found = core.state.get("deletedAccount", id.toLowerCase());
  return found !== undefined && sameLocation(found.account.location, location) ? found : undefined;
}

/** Under the ID by which it is purged; the contract types it as an account. */
function shown({ account }: DeletedAccount): Account {
  const [, , subscription = "", , group = ""] = account.id.split("/");
  const location = encodeURIComponent(account.location);
  const id = `/subscriptions/${subscription}/providers/Microsoft.CognitiveServices/locations/${location}/resourceGroups/${group}/deletedAccounts/${account.name}`;
  return { ...account, id };
}

function getDeleted(core: Core, call: Call): Answer {
  const found = named(core, call);
  if (found !== undefined) return { status: 200, body: shown(found) };
  const [, group = "", name = ""] = call.target.names;
  throw resourceNotFound(`Microsoft.CognitiveServices/deletedAccounts/${name}`, group);
}

function listDeleted(core: Core, call: Call): Answer {
  const prefix = `/subscriptions/${call.target.subscriptionId?.toLowerCase() ?? ""}/`;
  const found = [...core.state.entries("deletedAccount")].filter(([id]) => id.startsWith(prefix));
  return page(
    core,
    call,
    found.map(([, deleted]) => shown(deleted)),
  );
}

function purge(core: Core, call: Call): Answer {
  const found = named(core, call);
  if (found === undefined) return { status: 204 };
  core.state.delete("deletedAccount", found.account.id.toLowerCase());
  return { status: 200 };
}

/**
 * Refuses a PUT on the name of a soft-deleted account. Status from memory (MEM).
 * @throws ArmRefusal 409 FlagMustBeSetForRestore.
 */
export function checkNotDeleted(core: Core, id: string): void {
  const deleted = core.state.get("deletedAccount", id);
  if (deleted === undefined) return;
  throw new ArmRefusal(
    409,
    "FlagMustBeSetForRestore",
    `An existing resource with ID '${deleted.account.id}' has been soft-deleted. To restore the resource, you must specify 'restore' to be 'true' in the property. If you don't want to restore existing resource, please purge it first.`,
  );
}

/**
 * Puts a soft-deleted account back as it was, with what was below it; the rest of the request's body is ignored. The
 * account itself is the caller's to store.
 * @throws ArmRefusal 400 CannotRestore when there is none of that name.
 */
export function restored(core: Core, call: Call): Account {
  const id = call.target.lowerPath;
  const deleted = core.state.get("deletedAccount", id);
  if (deleted === undefined) {
    throw new ArmRefusal(
      400,
      "CannotRestore",
      "properties.restore is true, but no soft-deleted account of that name exists.",
    );
  }
  for (const { kind, id: childId, body } of deleted.children) core.state.put(kind, childId, body);
  core.state.delete("deletedAccount", id);
  const { deletionDate: _, scheduledPurgeDate: __, ...properties } = deleted.account.properties;
  return {
    ...deleted.account,
    etag: accountEtag(core.random, call.nowMs),
    properties,
    systemData: touched(call, deleted.account.systemData),
  };
}
