/** Microsoft.Authorization/policyAssignments, read only: scenarios make them, and nothing here evaluates them. */
import type { PolicyResource } from "../areas.ts";
import { page, touched, type Answer, type Call, type Core, type ResourceType } from "../call.ts";
import { ArmRefusal } from "../errors.ts";
import { filterOf } from "../filter.ts";
import { defined, type JsonObject } from "../json.ts";
import { any, list, map, object, oneOf, read, readOnly, text } from "../schema.ts";
import { existingScope, relation } from "../scopes.ts";

const TYPE = "Microsoft.Authorization/policyAssignments";

export const policyAssignments: ResourceType = {
  name: TYPE,
  apiVersions: ["2022-06-01", "2023-04-01", "2024-04-01", "2024-05-01"],
  item: { GET: getAssignment },
  collection: { GET: listAssignments },
  query: ["$filter"],
};

const body = object(
  "PolicyAssignment",
  {
    id: readOnly,
    name: readOnly,
    type: readOnly,
    systemData: readOnly,
    location: text,
    identity: any,
    properties: object(
      "PolicyAssignmentProperties",
      {
        displayName: text,
        description: text,
        policyDefinitionId: text,
        definitionVersion: text,
        scope: readOnly,
        notScopes: list(text),
        parameters: map("ParameterValues", object("ParameterValuesValue", { value: any })),
        metadata: any,
        enforcementMode: oneOf("Default", "DoNotEnforce"),
        nonComplianceMessages: list(
          object(
            "NonComplianceMessage",
            { message: text, policyDefinitionReferenceId: text },
            { required: ["message"] },
          ),
        ),
      },
      { required: ["policyDefinitionId"] },
    ),
  },
  { required: ["properties"] },
);

/** For seeds; callers can't write assignments. */
export function layPolicyAssignment(core: Core, call: Call): void {
  const scope = existingScope(core.state, call.target);
  const asked = read(body, call.body, "PUT");
  const name = call.target.names[0] ?? "";
  const assignment = defined({
    properties: { enforcementMode: "Default", ...(asked["properties"] as JsonObject), scope },
    id: `${scope}/providers/${TYPE}/${name}`,
    type: TYPE,
    name,
    location: asked["location"],
    identity: asked["identity"],
    systemData: touched(call),
  }) as PolicyResource;
  core.state.put("policyAssignment", call.target.lowerPath, assignment);
}

/** Where an extension resource hangs, lower case. */
export function scopeOfExtension(id: string): string {
  return id.slice(0, id.lastIndexOf("/providers/"));
}

function getAssignment(core: Core, call: Call): Answer {
  const found = core.state.get("policyAssignment", call.target.lowerPath);
  if (found !== undefined) return { status: 200, body: found };
  const [name = ""] = call.target.names;
  throw new ArmRefusal(404, "PolicyAssignmentNotFound", `The policy assignment '${name}' is not found.`);
}

/** Without a filter: at the scope, above and below. */
function listAssignments(core: Core, call: Call): Answer {
  const filter = filterOf(call.url, ["atScope()", "atExactScope()", "policyDefinitionId"]);
  const scope = existingScope(core.state, call.target).toLowerCase();
  const definition = filter.get("policyDefinitionId")?.toLowerCase();
  const found = [...core.state.entries("policyAssignment")].filter(([id, { properties }]) => {
    const where = relation(scopeOfExtension(id), scope);
    const of = properties["policyDefinitionId"];
    return (
      where !== "elsewhere" &&
      !(where === "below" && filter.has("atScope()")) &&
      !(where !== "at" && filter.has("atExactScope()")) &&
      (definition === undefined || (typeof of === "string" && of.toLowerCase() === definition))
    );
  });
  return page(
    core,
    call,
    found.map(([, assignment]) => assignment),
  );
}
