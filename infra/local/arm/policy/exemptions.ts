/**
 * Microsoft.Authorization/policyExemptions (REST reference, 2022-07-01-preview). An exemption hangs on the resource that
 * it exempts and goes with it. After `expiresOn` it isn't honoured any more but stays, for the record. To write one, the
 * caller also needs `policyAssignments/exempt/action` at the assignment.
 */
import type { PolicyResource } from "../areas.ts";
import { page, touched, type Answer, type Call, type Core, type ResourceType } from "../call.ts";
import { ArmRefusal, authorizationFailed } from "../errors.ts";
import { filterOf } from "../filter.ts";
import type { JsonObject } from "../json.ts";
import { covers, normalScope } from "../rbac.ts";
import { any, list, object, oneOf, read, readOnly, text } from "../schema.ts";
import { existingScope, relation } from "../scopes.ts";
import { scopeOfExtension } from "./assignments.ts";

const TYPE = "Microsoft.Authorization/policyExemptions";
const EXEMPT = "Microsoft.Authorization/policyAssignments/exempt/action";

export const policyExemptions: ResourceType = {
  name: TYPE,
  apiVersions: ["2020-07-01-preview", "2022-07-01-preview", "2024-12-01-preview"],
  item: { GET: getExemption, PUT: putExemption, PATCH: patchExemption, DELETE: deleteExemption },
  collection: { GET: listExemptions },
  query: ["$filter"],
};

const selectors = list(any);
const validation = oneOf("Default", "DoNotValidate");

const body = object(
  "PolicyExemption",
  {
    id: readOnly,
    name: readOnly,
    type: readOnly,
    systemData: readOnly,
    properties: object(
      "PolicyExemptionProperties",
      {
        policyAssignmentId: text,
        policyDefinitionReferenceIds: list(text),
        exemptionCategory: oneOf("Waiver", "Mitigated"),
        expiresOn: text,
        displayName: { kind: "string", max: 128 },
        description: { kind: "string", max: 512 },
        metadata: any,
        resourceSelectors: selectors,
        assignmentScopeValidation: validation,
      },
      { required: ["policyAssignmentId", "exemptionCategory"] },
    ),
  },
  { required: ["properties"] },
);

const patchBody = object("PolicyExemptionUpdate", {
  properties: object("PolicyExemptionUpdateProperties", {
    resourceSelectors: selectors,
    assignmentScopeValidation: validation,
  }),
});

interface Asked extends JsonObject {
  readonly policyAssignmentId: string;
  readonly expiresOn?: string;
  readonly assignmentScopeValidation?: "Default" | "DoNotValidate";
}

function getExemption(core: Core, call: Call): Answer {
  return { status: 200, body: found(core, call) };
}

function found(core: Core, call: Call): PolicyResource {
  const { lowerPath, names } = call.target;
  const { state } = core;
  const exemption = call.stale ? state.getStale("policyExemption", lowerPath) : state.get("policyExemption", lowerPath);
  if (exemption !== undefined) return exemption;
  throw new ArmRefusal(404, "PolicyExemptionNotFound", `The policy exemption '${names[0] ?? ""}' is not found.`);
}

/** Without a filter: at the scope, above and below. */
function listExemptions(core: Core, call: Call): Answer {
  const filter = filterOf(call.url, ["atScope()", "atExactScope()", "excludeExpired()", "policyAssignmentId"]);
  const scope = existingScope(core.state, call.target).toLowerCase();
  const assignment = filter.get("policyAssignmentId")?.toLowerCase();
  const all = [...core.state.entries("policyExemption")].filter(([id, { properties }]) => {
    const where = relation(scopeOfExtension(id), scope);
    const asked = properties as Asked;
    return (
      where !== "elsewhere" &&
      !(where === "below" && filter.has("atScope()")) &&
      !(where !== "at" && filter.has("atExactScope()")) &&
      !(filter.has("excludeExpired()") && Date.parse(asked.expiresOn ?? "9999-01-01") <= call.nowMs) &&
      (assignment === undefined || asked.policyAssignmentId.toLowerCase() === assignment)
    );
  });
  return page(
    core,
    call,
    all.map(([, exemption]) => exemption),
  );
}

function putExemption(core: Core, call: Call): Answer {
  const scope = existingScope(core.state, call.target);
  const asked = read(body, call.body, "PUT")["properties"] as Asked;
  checkAsked(core, call, asked, scope);
  const { lowerPath, names } = call.target;
  const before = core.state.get("policyExemption", lowerPath);
  const exemption: PolicyResource = {
    properties: { assignmentScopeValidation: "Default", ...asked },
    systemData: touched(call, before?.systemData),
    id: before?.id ?? `${scope}/providers/${TYPE}/${names[0] ?? ""}`,
    type: TYPE,
    name: before?.name ?? names[0] ?? "",
  };
  core.state.put("policyExemption", lowerPath, exemption);
  return { status: before === undefined ? 201 : 200, body: exemption };
}

function checkAsked(core: Core, call: Call, asked: Asked, scope: string): void {
  const { expiresOn, policyAssignmentId } = asked;
  if (expiresOn !== undefined && !/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(expiresOn)) {
    throw invalid(
      `The expiration date '${expiresOn}' must be in universal ISO 8601 format 'yyyy-MM-ddTHH:mm:ss.fffffffZ'.`,
    );
  }
  const id = policyAssignmentId.toLowerCase();
  const at = scopeOfExtension(id);
  if (asked.assignmentScopeValidation !== "DoNotValidate") {
    if (core.state.get("policyAssignment", id) === undefined) {
      const name = policyAssignmentId.slice(policyAssignmentId.lastIndexOf("/") + 1);
      throw new ArmRefusal(404, "PolicyAssignmentNotFound", `The policy assignment '${name}' is not found.`);
    }
    if (!covers(normalScope(at), scope.toLowerCase())) {
      throw invalid(`The policy assignment '${policyAssignmentId}' does not hold at the scope '${scope}'.`);
    }
  }
  if (core.rbac.allows(call.caller.oid, EXEMPT, id)) return;
  throw authorizationFailed(call.caller.oid, EXEMPT, policyAssignmentId);
}

function patchExemption(core: Core, call: Call): Answer {
  const before = found(core, call);
  const asked = read(patchBody, call.body, "PATCH")["properties"] as JsonObject | undefined;
  const exemption = {
    ...before,
    properties: { ...before.properties, ...asked },
    systemData: touched(call, before.systemData),
  };
  checkAsked(core, call, exemption.properties as unknown as Asked, scopeOfExtension(before.id));
  core.state.put("policyExemption", call.target.lowerPath, exemption);
  return { status: 200, body: exemption };
}

function deleteExemption(core: Core, call: Call): Answer {
  const { lowerPath } = call.target;
  if (core.state.get("policyExemption", lowerPath) === undefined) return { status: 204 };
  core.state.delete("policyExemption", lowerPath);
  return { status: 200 };
}

function invalid(message: string): ArmRefusal {
  return new ArmRefusal(400, "InvalidPolicyExemption", message);
}
