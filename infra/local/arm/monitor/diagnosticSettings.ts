/**
 * Microsoft.Insights/diagnosticSettings, on accounts, workspaces and subscriptions. PUT replaces and answers 200 always;
 * DELETE 200, or 204 for what isn't there. IDs are answered with the resource in lower case, as recorded. A setting stays
 * when its resource is deleted and holds again when one of that ID is created (Microsoft Learn, "Diagnostic settings").
 *
 * A workspace must exist, and the caller must be allowed `sharedKeys/action` on it. Storage accounts and event hubs are
 * taken as they are named: the engine has none. Nothing is exported anywhere.
 */
import type { CategorySetting, DiagnosticSetting } from "../areas.ts";
import type { Answer, Call, Core, ResourceType } from "../call.ts";
import { ArmRefusal } from "../errors.ts";
import { defined, type JsonObject } from "../json.ts";
import { boolean, list, object, oneOf, readOnly, read, text } from "../schema.ts";
import { trackedAt } from "../tracked.ts";
import { bare, BareRefusal } from "./bare.ts";
import { categoriesOf, diagnosticVersions, type Categories } from "./diagnosticCategories.ts";

const TYPE = "Microsoft.Insights/diagnosticSettings";
const WORKSPACE = "Microsoft.OperationalInsights/workspaces";

/** Settings of one resource (Azure Monitor limits). */
export const DIAGNOSTIC_SETTINGS_MAX = 5;

export const diagnosticSettings: ResourceType = {
  name: TYPE,
  apiVersions: diagnosticVersions,
  item: { GET: bare(getSetting), PUT: bare(putSetting), DELETE: bare(deleteSetting) },
  collection: { GET: bare(listSettings) },
};

const retention = object(
  "RetentionPolicy",
  { enabled: boolean, days: { kind: "number", integer: true, min: 0 } },
  { required: ["enabled", "days"] },
);
const sinks = ["workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId"] as const;

const body = object(
  "DiagnosticSettingsResource",
  {
    id: readOnly,
    name: readOnly,
    type: readOnly,
    systemData: readOnly,
    properties: object("DiagnosticSettings", {
      ...Object.fromEntries(sinks.map((name) => [name, text])),
      eventHubName: text,
      logAnalyticsDestinationType: oneOf("Dedicated", "AzureDiagnostics"),
      logs: list(
        object(
          "LogSettings",
          { category: text, categoryGroup: text, enabled: boolean, retentionPolicy: retention },
          { required: ["enabled"] },
        ),
      ),
      metrics: list(
        object(
          "MetricSettings",
          { category: text, timeGrain: text, enabled: boolean, retentionPolicy: retention },
          { required: ["enabled"] },
        ),
      ),
    }),
  },
  { required: ["properties"] },
);

/** Where the state keeps it: under the resource's ID in lower case. */
function settingsOf(core: Core, scope: string): [string, DiagnosticSetting][] {
  const prefix = `${scope.toLowerCase()}/providers/microsoft.insights/diagnosticsettings/`;
  return [...core.state.entries("diagnosticSetting")].filter(([id]) => id.startsWith(prefix));
}

function getSetting(core: Core, call: Call): Answer {
  categoriesOf(core, call);
  const { lowerPath, names } = call.target;
  const { state } = core;
  const found = call.stale ? state.getStale("diagnosticSetting", lowerPath) : state.get("diagnosticSetting", lowerPath);
  if (found !== undefined) return { status: 200, body: found };
  throw new BareRefusal(404, "ResourceNotFound", `The diagnostic setting '${names[0] ?? ""}' was not found.`);
}

function listSettings(core: Core, call: Call): Answer {
  const { scope } = categoriesOf(core, call);
  return { status: 200, body: { value: settingsOf(core, scope).map(([, setting]) => setting) } };
}

function deleteSetting(core: Core, call: Call): Answer {
  if (core.state.get("diagnosticSetting", call.target.lowerPath) === undefined) return { status: 204 };
  core.state.delete("diagnosticSetting", call.target.lowerPath);
  return { status: 200 };
}

function putSetting(core: Core, call: Call): Answer {
  const { scope, categories } = categoriesOf(core, call);
  const { lowerPath, names } = call.target;
  const asked = read(body, call.body, "PUT")["properties"] as JsonObject;
  const setting: DiagnosticSetting = {
    id: `${scope.toLowerCase()}/providers/microsoft.insights/diagnosticSettings/${names[0] ?? ""}`,
    type: TYPE,
    name: names[0] ?? "",
    properties: defined({
      ...asked,
      logs: entries(asked["logs"], categories, "logs"),
      metrics: entries(asked["metrics"], categories, "metrics"),
    }),
  };
  checkSinks(core, call, setting);
  const others = settingsOf(core, scope).filter(([id]) => id !== lowerPath);
  if (others.length >= DIAGNOSTIC_SETTINGS_MAX) {
    throw conflict(`The limit of ${DIAGNOSTIC_SETTINGS_MAX} diagnostic settings was reached.`);
  }
  for (const [, other] of others) checkReuse(setting, other, categories);
  core.state.put("diagnosticSetting", lowerPath, setting);
  return { status: 200, body: setting };
}

const NO_RETENTION = { enabled: false, days: 0 } as const;

function entries(asked: unknown, categories: Categories, kind: "logs" | "metrics"): CategorySetting[] {
  const given = (asked ?? []) as readonly CategorySetting[];
  const groups = new Set(Object.values(categories.logs).flat());
  const known = kind === "logs" ? Object.keys(categories.logs) : categories.metrics;
  if (given.some((one) => one.category !== undefined) && given.some((one) => one.categoryGroup !== undefined)) {
    throw badRequest("Diagnostic settings can't hold both log categories and log category groups.");
  }
  return given.map((one) => {
    const name = one.category ?? one.categoryGroup;
    if (name === undefined) throw badRequest(`An entry of ${kind} names neither a category nor a category group.`);
    const proper = [...(one.category === undefined ? groups : known)].find((word) => same(word, name));
    if (proper === undefined) throw badRequest(`Category '${name}' is not supported.`);
    const key = one.category === undefined ? "categoryGroup" : "category";
    return { retentionPolicy: NO_RETENTION, ...one, [key]: proper };
  });
}

function checkSinks(core: Core, call: Call, { properties }: DiagnosticSetting): void {
  if (sinks.every((name) => properties[name] === undefined || properties[name] === "")) {
    throw badRequest("At least one data sink needs to be specified.");
  }
  if (![...properties.logs, ...properties.metrics].some(({ enabled }) => enabled)) {
    throw badRequest("At least one category needs to be enabled.");
  }
  const { workspaceId } = properties;
  if (workspaceId === undefined || workspaceId === "") return;
  if (trackedAt(core, WORKSPACE, workspaceId) === undefined) {
    throw new BareRefusal(404, "ResourceNotFound", `The workspace '${workspaceId}' was not found.`);
  }
  const { oid } = call.caller;
  const linked = `${WORKSPACE}/sharedKeys/action`;
  if (core.rbac.allows(oid, linked, workspaceId.toLowerCase())) return;
  throw new ArmRefusal(
    403,
    "LinkedAuthorizationFailed",
    `The client '${oid}' with object id '${oid}' has permission to perform action '${TYPE}/write' on scope '${call.target.path}'; however, it does not have permission to perform action '${linked}' on the linked scope(s) '${workspaceId}' or the linked scope(s) are invalid.`,
  );
}

/** One sink takes a category of a resource from one setting only. */
function checkReuse(setting: DiagnosticSetting, other: DiagnosticSetting, categories: Categories): void {
  const used = new Set(covered(other, categories));
  const category = covered(setting, categories).find((name) => used.has(name));
  if (category === undefined) return;
  for (const name of sinks) {
    const [mine, theirs] = [setting.properties[name], other.properties[name]];
    if (typeof mine !== "string" || typeof theirs !== "string" || mine === "" || !same(mine, theirs)) continue;
    throw conflict(
      `Data sink '${mine}' is already used in diagnostic setting '${other.name}' for category '${category}'. Data sinks can't be reused in different settings on the same category for the same resource.`,
    );
  }
}

/** The categories that a setting turns on, groups resolved. */
function covered({ properties }: DiagnosticSetting, { logs }: Categories): string[] {
  const on = [...properties.logs, ...properties.metrics].filter(({ enabled }) => enabled);
  return on.flatMap(({ category, categoryGroup = "" }) =>
    category === undefined
      ? Object.entries(logs).flatMap(([name, groups]) => (groups.includes(categoryGroup) ? [name] : []))
      : [category],
  );
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function badRequest(message: string): BareRefusal {
  return new BareRefusal(400, "BadRequest", message);
}

function conflict(message: string): BareRefusal {
  return new BareRefusal(409, "Conflict", message);
}
