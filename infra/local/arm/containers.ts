/** Subscriptions and resource groups, read only: scenarios make them. */
import { page, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { ArmRefusal, authorizationFailed } from "./errors.ts";

export const subscriptions: ResourceType = {
  name: "Microsoft.Resources/subscriptions",
  apiVersions: ["2020-01-01", "2021-01-01", "2022-12-01"],
  item: { GET: getSubscription },
  collection: { GET: listSubscriptions },
  openReads: true,
};

export const resourceGroups: ResourceType = {
  name: "Microsoft.Resources/subscriptions/resourceGroups",
  apiVersions: ["2021-04-01", "2024-03-01", "2024-07-01"],
  item: { GET: getResourceGroup },
  collection: { GET: listResourceGroups },
  openReads: true,
};

const GROUP_READ = "Microsoft.Resources/subscriptions/resourceGroups/read";

/** Whoever holds a role anywhere in a subscription sees it. */
function getSubscription(core: Core, call: Call): Answer {
  const { lowerPath, path } = call.target;
  if (!core.rbac.reaches(call.caller.oid, lowerPath)) {
    throw authorizationFailed(call.caller.oid, "Microsoft.Resources/subscriptions/read", path);
  }
  return { status: 200, body: core.state.get("subscription", lowerPath) };
}

function listSubscriptions(core: Core, call: Call): Answer {
  const mine = [...core.state.values("subscription")].filter((one) =>
    core.rbac.reaches(call.caller.oid, one.id.toLowerCase()),
  );
  return page(core, call, mine);
}

function getResourceGroup(core: Core, call: Call): Answer {
  const { lowerPath, path } = call.target;
  if (!core.rbac.allows(call.caller.oid, GROUP_READ, lowerPath)) {
    throw authorizationFailed(call.caller.oid, GROUP_READ, path);
  }
  const group = core.state.get("resourceGroup", lowerPath);
  if (group === undefined)
    throw new ArmRefusal(404, "ResourceGroupNotFound", `Resource group '${path}' could not be found.`);
  return { status: 200, body: group };
}

/** ARM lists the groups that the caller may read. */
function listResourceGroups(core: Core, call: Call): Answer {
  const prefix = `/subscriptions/${call.target.subscriptionId?.toLowerCase() ?? ""}/`;
  const mine = [...core.state.entries("resourceGroup")].filter(
    ([id]) => id.startsWith(prefix) && core.rbac.allows(call.caller.oid, GROUP_READ, id),
  );
  return page(
    core,
    call,
    mine.map(([, group]) => group),
  );
}
