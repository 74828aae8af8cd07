/**
 * Microsoft.Resources/tags: the tags of a subscription, resource group or account. At an account they are the account's
 * own tags, and writing them is a write of the account (another ETag; refused while it is busy).
 */
import { accountEtag } from "./operations.ts";
import { touched, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { ArmRefusal } from "./errors.ts";
import { defined, type JsonObject } from "./json.ts";
import type { Tags } from "./model.ts";
import { read } from "./schema.ts";
import * as schemas from "./schemas.ts";
import { existingScope } from "./scopes.ts";
import { checkTags } from "./tagLimits.ts";

const TYPE = "Microsoft.Resources/tags";

export const tags: ResourceType = {
  name: TYPE,
  apiVersions: ["2021-04-01", "2024-03-01", "2024-07-01"],
  item: { GET: getTags, PUT: putTags, PATCH: patchTags },
};

const taggable = ["subscription", "resourceGroup", "account"] as const;
type Taggable = (typeof taggable)[number];

function kindAt(core: Core, call: Call): Taggable {
  if (call.target.names[0]?.toLowerCase() !== "default") {
    throw new ArmRefusal(
      404,
      "InvalidResourceName",
      `The tags resource is named 'default', not '${call.target.names[0] ?? ""}'.`,
    );
  }
  const scope = existingScope(core.state, call.target).toLowerCase();
  const kind = taggable.find((candidate) => core.state.get(candidate, scope) !== undefined);
  if (kind !== undefined) return kind;
  throw new ArmRefusal(
    400,
    "TagsNotSupported",
    `Tags at '${call.target.scope}' are not supported: it is not a tracked resource.`,
  );
}

function getTags(core: Core, call: Call): Answer {
  const kind = kindAt(core, call);
  const scope = call.target.scope.toLowerCase();
  const at = call.stale ? core.state.getStale(kind, scope) : core.state.get(kind, scope);
  return { status: 200, body: shown(call, at?.tags ?? {}) };
}

function putTags(core: Core, call: Call): Answer {
  const asked = read(schemas.tagsResource, call.body, "PUT");
  return write(core, call, () => tagsIn(asked));
}

function patchTags(core: Core, call: Call): Answer {
  const asked = read(schemas.tagsPatch, call.body, "PATCH");
  const change = tagsIn(asked);
  return write(core, call, (before) => {
    if (asked["operation"] === "Replace") return change;
    if (asked["operation"] === "Merge") return merged(before, change);
    return without(before, change);
  });
}

function tagsIn(body: JsonObject): Tags {
  return (body["properties"] as unknown as { tags: Tags }).tags;
}

/** Tag names are compared without regard to case; the spelling of the last write stays. */
function merged(before: Tags, change: Tags): Tags {
  return { ...without(before, Object.fromEntries(Object.keys(change).map((name) => [name, ""]))), ...change };
}

/** Removes by name, or by name and value where a value is given. */
function without(before: Tags, change: Tags): Tags {
  const removed = new Map(Object.entries(change).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.fromEntries(
    Object.entries(before).filter(([name, value]) => {
      const match = removed.get(name.toLowerCase());
      return match === undefined || (match !== "" && match !== value);
    }),
  );
}

function write(core: Core, call: Call, change: (before: Tags) => Tags): Answer {
  const kind = kindAt(core, call);
  const scope = call.target.scope.toLowerCase();
  const before = core.state.get(kind, scope);
  const after = change(before?.tags ?? {});
  checkTags(after);
  if (kind === "account") {
    const account = core.state.get("account", scope);
    if (account === undefined) throw new Error(`account '${scope}' went away`);
    core.operations.guard(scope, account.id, call.nowMs);
    core.state.put("account", scope, {
      ...account,
      etag: accountEtag(core.random, call.nowMs),
      tags: after,
      systemData: touched(call, account.systemData),
    });
    core.operations.busy(scope, call.nowMs);
  } else {
    const holder = core.state.get(kind, scope);
    if (holder !== undefined) core.state.put(kind, scope, defined({ ...holder, tags: after }));
  }
  return { status: 200, body: shown(call, after) };
}

function shown(call: Call, given: Tags): object {
  return {
    id: `${call.target.scope}/providers/${TYPE}/default`,
    name: "default",
    type: TYPE,
    properties: { tags: given },
  };
}
