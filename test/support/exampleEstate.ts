/** The estate that an official example takes for granted, from what it names. */
import { builtInRoles } from "../../infra/local/arm/builtInRoles.ts";
import type { SeedEstate } from "../../infra/local/arm/engine.ts";
import type { CatalogueModel } from "../../infra/local/arm/model.ts";
import type { SeedResource } from "../../infra/local/arm/seed.ts";
import { isGuid, type Target } from "../../infra/local/arm/target.ts";
import type { Example } from "./armExamples.ts";
import { owner, roles } from "./armRig.ts";
import { startMs } from "./engineContext.ts";

/** The subscription of examples whose own one is a placeholder. */
export const SUBSCRIPTION = "5b000000-0000-4000-8000-0000000000ee";

/**
 * The seed for one example.
 * @param body what its resource is made of
 * @param isAbsent its resource must not be there
 */
export function estateOf(example: Example, target: Target, body: unknown, isAbsent: boolean): SeedEstate {
  const text = `${target.path} ${JSON.stringify(example.body ?? null)} ${JSON.stringify(body ?? null)}`;
  const subscriptions = subscriptionsOf(text);
  return {
    subscriptions: subscriptions.map((id) => ({ id, name: "examples" })),
    resourceGroups: groupsOf(target, text).map((id) => ({ id, location: "westus" })),
    resources: [...accountsIn(text, example, target, isAbsent), ...assignmentAt(example, target, body)],
    roleAssignments: [{ scope: "/", principalId: owner.oid, principalType: "User", role: roles.owner }],
    roleDefinitions: rolesOf(text, target),
    quotas: subscriptions.map((subscriptionId) => ({
      subscriptionId,
      location: "westus",
      usageName: "OpenAI.Standard",
      limit: 100,
    })),
    models: [gpt4o, ...modelsOf(example)].map(offered),
  };
}

interface NamedModel {
  readonly format: string;
  readonly name: string;
  readonly version: string;
}

const gpt4o: NamedModel = { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" };

function offered(model: NamedModel): CatalogueModel {
  const skus = [{ name: "Standard", usageName: "OpenAI.Standard", capacity: { maximum: 100, default: 1 } }];
  return { ...model, isDefaultVersion: true, skus, locations: ["westus"] };
}

function modelsOf({ body }: Example): NamedModel[] {
  const { model, properties } = (body ?? {}) as { model?: NamedModel; properties?: { model?: NamedModel } };
  return [model, properties?.model].filter((one) => one !== undefined);
}

/** Where a type's PUT has no example, or one that needs what the engine doesn't have, such as a virtual machine. */
export const BODIES: Readonly<Record<string, (target: Target) => object>> = {
  "microsoft.cognitiveservices/accounts/deployments": () => ({
    sku: { name: "Standard", capacity: 1 },
    properties: { model: gpt4o },
  }),
  "microsoft.authorization/roledefinitions": ({ scope }) => ({
    properties: { roleName: "Example", permissions: [{ actions: ["*/read"] }], assignableScopes: [scope] },
  }),
  "microsoft.authorization/roleassignmentschedulerequests": ({ scope }) => scheduleRequest(scope),
  "microsoft.authorization/roleeligibilityschedulerequests": ({ scope }) => scheduleRequest(scope),
  "microsoft.insights/diagnosticsettings": ({ resourceGroup }) => ({
    properties: {
      storageAccountId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/logs/providers/Microsoft.Storage/storageAccounts/logs`,
      logs: [{ category: resourceGroup === undefined ? "Administrative" : "Audit", enabled: true }],
    },
  }),
  "microsoft.insights/metricalerts": ({ subscriptionId = "", resourceGroup = "" }) => ({
    location: "global",
    properties: {
      severity: 3,
      enabled: true,
      scopes: [
        `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.CognitiveServices/accounts/watched`,
      ],
      evaluationFrequency: "PT1M",
      windowSize: "PT15M",
      criteria: {
        "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        allOf: [
          {
            criterionType: "StaticThresholdCriterion",
            name: "calls",
            metricName: "TotalCalls",
            timeAggregation: "Total",
            operator: "GreaterThan",
            threshold: 1,
          },
        ],
      },
    },
  }),
};

/** Begins later, so that it can still be cancelled. */
function scheduleRequest(scope: string): object {
  const startDateTime = new Date(startMs + 86_400_000).toISOString();
  return {
    properties: {
      principalId: "5b000000-0000-4000-8000-0000000000f0",
      roleDefinitionId: `${scope}/providers/Microsoft.Authorization/roleDefinitions/${roles.reader}`,
      requestType: "AdminAssign",
      justification: "as in the example",
      scheduleInfo: { startDateTime, expiration: { type: "AfterDuration", duration: "PT8H" } },
    },
  };
}

/** The accounts that a text names, but for the one that the example itself makes or has gone. */
function accountsIn(text: string, example: Example, target: Target, isAbsent: boolean): SeedResource[] {
  const named = [...text.matchAll(ACCOUNT)].map(([id]) => id);
  const unique = [...new Map(named.map((id) => [id.toLowerCase(), id])).values()];
  const accounts = unique
    .filter((id) => !(isAbsent && id === target.path))
    .map((id) => {
      const { location = "westus", kind = "OpenAI" } = (id === target.path ? (example.body ?? {}) : {}) as {
        location?: string;
        kind?: string;
      };
      const type = "Microsoft.CognitiveServices/accounts";
      return { id, type, location, kind, sku: { name: "S0" }, properties: {} };
    });
  // Nobody but the network provider makes a connection, so every PUT finds one.
  const isGone = example.method === "DELETE" && example.status === 204;
  if (isGone || !/\/privateEndpointConnections\/[^/]+$/i.test(target.path)) return accounts;
  const properties = { privateLinkServiceConnectionState: { status: "Pending" } };
  const type = "Microsoft.CognitiveServices/accounts/privateEndpointConnections";
  return [...accounts, { id: target.path, type, properties }];
}

/** Policy assignments can be read and not be made; a seed makes them. */
function assignmentAt({ method }: Example, target: Target, body: unknown): SeedResource[] {
  if (method !== "GET" || target.collection || !/^policyAssignments$/i.test(target.types)) return [];
  return [{ ...(body as object), id: target.path, type: "Microsoft.Authorization/policyAssignments" }];
}

const ACCOUNT =
  /\/subscriptions\/[^/" ]+\/resourceGroups\/[^/" ]+\/providers\/Microsoft\.CognitiveServices\/accounts\/[^/" ]+/gi;
function subscriptionsOf(text: string): string[] {
  const inPaths = [...text.matchAll(/\/subscriptions\/([^/"?]+)/g)].map(([, id = ""]) => id);
  const listed = [...text.matchAll(/"subscriptions":\[([^\]]*)\]/g)].flatMap(([, ids = ""]) => ids.split('"'));
  return [...new Set([...inPaths, ...listed].filter(isGuid).map((id) => id.toLowerCase()))];
}

function groupsOf(target: Target, text: string): string[] {
  const named = [...text.matchAll(/\/subscriptions\/[^/"]+\/resourceGroups\/[^/"]+/gi)].map(([id]) => id);
  const [, deletedFrom] = /\/deletedAccounts\//i.test(target.path) ? target.names : [];
  if (deletedFrom !== undefined)
    named.push(`/subscriptions/${target.subscriptionId ?? ""}/resourceGroups/${deletedFrom}`);
  return [...new Map(named.map((id) => [id.toLowerCase(), id])).values()];
}

/** Roles that an example assigns, but for the built-in ones. */
function rolesOf(text: string, target: Target): NonNullable<SeedEstate["roleDefinitions"]> {
  const ids = [...text.matchAll(/roleDefinitions\/([0-9a-f-]{36})"/gi)].map(([, id = ""]) => id.toLowerCase());
  const builtIn = new Set<string>(builtInRoles.map(({ name }) => name));
  return ids
    .filter((id) => !builtIn.has(id))
    .map((id) => ({
      id,
      roleName: id,
      permissions: [{ actions: ["*/read"] }],
      assignableScopes: [`/subscriptions/${target.subscriptionId ?? ""}`],
    }));
}
