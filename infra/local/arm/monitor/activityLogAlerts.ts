/**
 * Microsoft.Insights/activityLogAlerts, kept and checked, never fired (2020-10-01 as Microsoft's templates describe it).
 * The condition needs the category; the action groups that it names must exist.
 */
import type { Call, Core, ResourceType } from "../call.ts";
import type { JsonObject } from "../json.ts";
import { boolean, list, map, object, oneOf, readOnly, text } from "../schema.ts";
import { trackedAt, trackedType } from "../tracked.ts";
import { bare, BareRefusal } from "./bare.ts";

const tags = map("IDictionary`2", text);
const leaf = { field: text, equals: text, containsAny: list(text) };

export const activityLogAlerts: ResourceType = trackedType({
  name: "Microsoft.Insights/activityLogAlerts",
  apiVersions: ["2020-10-01"],
  body: object(
    "ActivityLogAlertResource",
    {
      id: readOnly,
      name: readOnly,
      type: readOnly,
      location: oneOf("global", "westeurope", "northeurope"),
      tags,
      properties: object(
        "AlertRuleProperties",
        {
          description: text,
          enabled: boolean,
          scopes: list(text),
          condition: object(
            "AlertRuleAllOfCondition",
            {
              allOf: list(
                object("AlertRuleAnyOfOrLeafCondition", {
                  ...leaf,
                  anyOf: list(object("AlertRuleLeafCondition", leaf, { required: ["field"] })),
                }),
              ),
            },
            { required: ["allOf"] },
          ),
          actions: object("ActionList", {
            actionGroups: list(
              object(
                "ActionGroup",
                { actionGroupId: text, webhookProperties: map("IDictionary`2", text) },
                { required: ["actionGroupId"] },
              ),
            ),
          }),
        },
        { required: ["scopes", "condition", "actions"] },
      ),
    },
    { required: ["location", "properties"] },
  ),
  patch: object("AlertRulePatchObject", { tags, properties: object("AlertRulePatchProperties", { enabled: boolean }) }),
  created: 201,
  paged: true,
  built,
  wrap: bare,
});

interface Alert extends JsonObject {
  readonly scopes: readonly string[];
  readonly condition: { readonly allOf: readonly { readonly field?: string }[] };
  readonly actions: { readonly actionGroups?: readonly { readonly actionGroupId: string }[] };
}

function built(core: Core, _call: Call, asked: JsonObject): JsonObject {
  const alert = asked as Alert;
  if (alert.scopes.length === 0) throw new BareRefusal(400, "BadRequest", "An alert rule needs at least one scope.");
  if (!alert.condition.allOf.some(({ field }) => field?.toLowerCase() === "category")) {
    throw new BareRefusal(400, "BadRequest", "The condition must hold the field 'category'.");
  }
  for (const { actionGroupId } of alert.actions.actionGroups ?? []) {
    if (trackedAt(core, "Microsoft.Insights/actionGroups", actionGroupId) !== undefined) continue;
    throw new BareRefusal(404, "ResourceNotFound", `The action group '${actionGroupId}' was not found.`);
  }
  return { enabled: true, ...asked };
}
