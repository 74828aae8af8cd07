/**
 * Microsoft.Insights/metricAlerts and actionGroups, kept and checked, never fired. A metric alert's scopes and action
 * groups must exist; so must the metric that it watches, unless `skipMetricValidation` says otherwise. PUT of an alert
 * answers 200 even when it is new.
 */
import type { Call, Core, ResourceType } from "../call.ts";
import { queryableMetrics } from "./metricCatalogue.ts";
import { defined, type JsonObject } from "../json.ts";
import { boolean, list, map, number, object, oneOf, readOnly, text, type Schema } from "../schema.ts";
import { existingScope } from "../scopes.ts";
import { parseTarget } from "../target.ts";
import { trackedAt, trackedType } from "../tracked.ts";
import { bare, BareRefusal } from "./bare.ts";

const ACTION_GROUP = "Microsoft.Insights/actionGroups";

const envelope = { id: readOnly, name: readOnly, type: readOnly, systemData: readOnly, etag: readOnly, kind: readOnly };
const tags = map("IDictionary`2", text);

const dimension = object(
  "MetricDimension",
  { name: text, operator: oneOf("Include", "Exclude"), values: list(text) },
  { required: ["name", "operator", "values"] },
);
const criterion = object(
  "MetricCriteria",
  {
    criterionType: oneOf("StaticThresholdCriterion", "DynamicThresholdCriterion"),
    name: text,
    metricName: text,
    metricNamespace: text,
    timeAggregation: oneOf("Average", "Count", "Minimum", "Maximum", "Total"),
    operator: oneOf("Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual", "GreaterOrLessThan"),
    threshold: number,
    alertSensitivity: oneOf("Low", "Medium", "High"),
    failingPeriods: object(
      "DynamicThresholdFailingPeriods",
      { numberOfEvaluationPeriods: number, minFailingPeriodsToAlert: number },
      { required: ["numberOfEvaluationPeriods", "minFailingPeriodsToAlert"] },
    ),
    ignoreDataBefore: text,
    dimensions: list(dimension),
    skipMetricValidation: boolean,
  },
  { required: ["criterionType", "name", "metricName", "timeAggregation", "operator"] },
);

const alertProperties: Readonly<Record<string, Schema>> = {
  description: text,
  severity: { kind: "number", integer: true, min: 0 },
  enabled: boolean,
  scopes: list(text),
  evaluationFrequency: oneOf("PT1M", "PT5M", "PT15M", "PT30M", "PT1H"),
  windowSize: oneOf("PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D"),
  targetResourceType: text,
  targetResourceRegion: text,
  criteria: object(
    "MetricAlertCriteria",
    {
      "odata.type": oneOf(
        "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria",
      ),
      allOf: list(criterion),
    },
    { required: ["odata.type", "allOf"] },
  ),
  autoMitigate: boolean,
  actions: list(object("MetricAlertAction", { actionGroupId: text, webHookProperties: map("IDictionary`2", text) })),
  lastUpdatedTime: readOnly,
  isMigrated: readOnly,
};

export const metricAlerts: ResourceType = trackedType({
  name: "Microsoft.Insights/metricAlerts",
  apiVersions: ["2018-03-01", "2024-03-01-preview", "2026-01-01"],
  body: object(
    "MetricAlertResource",
    {
      ...envelope,
      location: oneOf("global"),
      tags,
      properties: object("MetricAlertProperties", alertProperties, {
        required: ["severity", "enabled", "scopes", "evaluationFrequency", "windowSize", "criteria"],
      }),
    },
    { required: ["location", "properties"] },
  ),
  patch: object("MetricAlertResourcePatch", {
    tags,
    properties: object("MetricAlertPropertiesPatch", alertProperties),
  }),
  created: 200,
  paged: false,
  built: builtAlert,
  wrap: bare,
});

const SEVERITY_MAX = 4;
/** Criteria of one alert rule (Azure Monitor limits). */
const CRITERIA_MAX = 5;

interface Alert extends JsonObject {
  readonly severity: number;
  readonly scopes: readonly string[];
  readonly criteria: JsonObject & { readonly "odata.type": string; readonly allOf: readonly Criterion[] };
  readonly actions?: readonly { readonly actionGroupId?: string }[];
}

interface Criterion extends JsonObject {
  readonly metricName: string;
  readonly skipMetricValidation?: boolean;
}

function builtAlert(core: Core, call: Call, asked: JsonObject): JsonObject {
  const alert = asked as Alert;
  if (alert.severity > SEVERITY_MAX) throw badRequest(`The severity ${alert.severity} is not one of 0 to 4.`);
  if (alert.scopes.length === 0) throw badRequest("An alert rule needs at least one scope.");
  const { allOf } = alert.criteria;
  if (allOf.length === 0 || allOf.length > CRITERIA_MAX) {
    throw badRequest(`An alert rule has 1 to ${CRITERIA_MAX} criteria; found ${allOf.length}.`);
  }
  if (alert.scopes.length > 1 && alert.criteria["odata.type"].includes("SingleResource")) {
    throw badRequest("SingleResourceMultipleMetricCriteria takes one scope.");
  }
  for (const scope of alert.scopes) checkScope(core, scope, allOf);
  for (const { actionGroupId } of alert.actions ?? []) {
    if (actionGroupId !== undefined && trackedAt(core, ACTION_GROUP, actionGroupId) === undefined) {
      throw new BareRefusal(404, "ResourceNotFound", `The action group '${actionGroupId}' was not found.`);
    }
  }
  return { autoMitigate: true, actions: [], ...asked, lastUpdatedTime: new Date(call.nowMs).toISOString() };
}

function checkScope(core: Core, scope: string, criteria: readonly Criterion[]): void {
  const target = parseTarget("GET", `${scope}/providers/Microsoft.Insights/metrics`);
  const known = queryableMetrics(existingScope(core.state, target));
  for (const { metricName, skipMetricValidation } of criteria) {
    if (skipMetricValidation === true || known === undefined || known.has(metricName.toLowerCase())) continue;
    throw badRequest(`Couldn't find a metric named ${metricName}. Make sure the name is correct.`);
  }
}

const named = (name: string, properties: Record<string, Schema>, required: readonly string[]): Schema =>
  list(object(name, { name: text, ...properties }, { required: ["name", ...required] }));
const common = { useCommonAlertSchema: boolean };

/** Receivers by kind (2023-01-01). */
const receivers: Readonly<Record<string, Schema>> = {
  emailReceivers: named("EmailReceiver", { emailAddress: text, ...common, status: readOnly }, ["emailAddress"]),
  smsReceivers: named("SmsReceiver", { countryCode: text, phoneNumber: text, status: readOnly }, [
    "countryCode",
    "phoneNumber",
  ]),
  webhookReceivers: named(
    "WebhookReceiver",
    { serviceUri: text, ...common, useAadAuth: boolean, objectId: text, identifierUri: text, tenantId: text },
    ["serviceUri"],
  ),
  itsmReceivers: named(
    "ItsmReceiver",
    { workspaceId: text, connectionId: text, ticketConfiguration: text, region: text },
    ["workspaceId", "connectionId", "ticketConfiguration", "region"],
  ),
  azureAppPushReceivers: named("AzureAppPushReceiver", { emailAddress: text }, ["emailAddress"]),
  automationRunbookReceivers: list(
    object(
      "AutomationRunbookReceiver",
      {
        name: text,
        automationAccountId: text,
        runbookName: text,
        webhookResourceId: text,
        isGlobalRunbook: boolean,
        serviceUri: text,
        ...common,
      },
      { required: ["automationAccountId", "runbookName", "webhookResourceId", "isGlobalRunbook"] },
    ),
  ),
  voiceReceivers: named("VoiceReceiver", { countryCode: text, phoneNumber: text }, ["countryCode", "phoneNumber"]),
  logicAppReceivers: named("LogicAppReceiver", { resourceId: text, callbackUrl: text, ...common }, [
    "resourceId",
    "callbackUrl",
  ]),
  azureFunctionReceivers: named(
    "AzureFunctionReceiver",
    { functionAppResourceId: text, functionName: text, httpTriggerUrl: text, ...common },
    ["functionAppResourceId", "functionName", "httpTriggerUrl"],
  ),
  armRoleReceivers: named("ArmRoleReceiver", { roleId: text, ...common }, ["roleId"]),
  eventHubReceivers: named(
    "EventHubReceiver",
    { eventHubNameSpace: text, eventHubName: text, ...common, tenantId: text, subscriptionId: text },
    ["eventHubNameSpace", "eventHubName", "subscriptionId"],
  ),
};

export const actionGroups: ResourceType = trackedType({
  name: ACTION_GROUP,
  apiVersions: ["2021-09-01", "2022-06-01", "2023-01-01", "2024-10-01-preview"],
  body: object(
    "ActionGroupResource",
    {
      ...envelope,
      location: text,
      tags,
      properties: object(
        "ActionGroup",
        { groupShortName: { kind: "string", max: 12 }, enabled: boolean, ...receivers },
        { required: ["groupShortName", "enabled"] },
      ),
    },
    { required: ["location", "properties"] },
  ),
  patch: object("ActionGroupPatchBody", { tags, properties: object("ActionGroupPatch", { enabled: boolean }) }),
  created: 201,
  paged: true,
  built: builtGroup,
  wrap: bare,
});

/** Lists of receivers are always there; a receiver that can be told is told so. */
function builtGroup(_core: Core, _call: Call, asked: JsonObject): JsonObject {
  const lists = Object.keys(receivers).map((kind): [string, JsonObject[]] => {
    const given = (asked[kind] ?? []) as readonly JsonObject[];
    const reachable = kind === "emailReceivers" || kind === "smsReceivers" ? { status: "Enabled" } : {};
    return [kind, given.map((one) => ({ ...one, ...reachable }))];
  });
  const names = lists.flatMap(([, all]) => all.map(({ name }) => name));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (typeof twice === "string") throw badRequest(`Two receivers have the name '${twice}'.`);
  return defined({
    groupShortName: asked["groupShortName"],
    enabled: asked["enabled"],
    ...Object.fromEntries(lists),
  });
}

function badRequest(message: string): BareRefusal {
  return new BareRefusal(400, "BadRequest", message);
}
