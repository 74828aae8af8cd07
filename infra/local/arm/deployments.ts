/** Microsoft.CognitiveServices/accounts/deployments. */
import { accountOf, checkState } from "./accounts.ts";
import { page, touched, uuid, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { accountIdOf, childOf, childrenOf, parentAccount } from "./children.ts";
import { ArmRefusal } from "./errors.ts";
import { defined, isObject, type JsonObject } from "./json.ts";
import type { Account, CatalogueModel, Deployment, ModelSku, Sku, Tags } from "./model.ts";
import { checkCapacity, perUnitOf } from "./quotas.ts";
import { checkPolicy } from "./raiPolicies.ts";
import { pause, resume } from "./pause.ts";
import { removeDeployment } from "./removal.ts";
import { read } from "./schema.ts";
import * as schemas from "./schemas.ts";
import { checkTags } from "./tagLimits.ts";
import { cognitiveServicesVersions, knowsPause, PAUSE_VERSION, shownDeployment } from "./versions.ts";

const TYPE = "Microsoft.CognitiveServices/accounts/deployments";

export const deployments: ResourceType = {
  name: TYPE,
  apiVersions: cognitiveServicesVersions,
  item: { GET: getDeployment, PUT: putDeployment, PATCH: patchDeployment, DELETE: deleteDeployment },
  collection: { GET: listDeployments },
  actions: {
    pause: { name: "pause", serve: pause, apiVersions: [PAUSE_VERSION] },
    resume: { name: "resume", serve: resume, apiVersions: [PAUSE_VERSION] },
  },
};

export const deploymentSkus: ResourceType = {
  name: `${TYPE}/skus`,
  apiVersions: cognitiveServicesVersions,
  collection: { GET: listSkus },
};

function deploymentOf(core: Core, call: Call, id: string): Deployment {
  return childOf(core, call, "deployment", id, TYPE);
}

function getDeployment(core: Core, call: Call): Answer {
  const deployment = deploymentOf(core, call, call.target.lowerPath);
  return { status: 200, headers: { etag: deployment.etag }, body: shownDeployment(deployment, call.apiVersion) };
}

function listDeployments(core: Core, call: Call): Answer {
  const found = childrenOf(core, call, "deployment");
  return page(
    core,
    call,
    found.map((deployment) => shownDeployment(deployment, call.apiVersion)),
  );
}

interface DeploymentRequest {
  readonly sku?: Sku;
  readonly tags?: Tags;
  readonly properties?: JsonObject;
}

/** A PUT replaces the whole deployment; without `sku` it becomes Standard with the model's default capacity. */
function putDeployment(core: Core, call: Call): Answer {
  const id = call.target.lowerPath;
  checkName(call.target.names[1] ?? "");
  const schema = knowsPause(call.apiVersion) ? schemas.deploymentWithTier : schemas.deployment;
  const asked = read(schema, call.body, "PUT") as DeploymentRequest;
  const account = parentOf(core, call);
  const before = core.state.get("deployment", id);
  core.operations.guard(account.id.toLowerCase(), account.id, call.nowMs);
  checkState(asked.properties, before?.properties.provisioningState);
  const { deployment, offered } = replaced(core, call, account, before, asked);
  core.quotas.demand(account, offered, deployment.sku.capacity ?? 0, before);
  const durationMs = core.operations.latency.putDeploymentMs;
  const state = before === undefined ? "Creating" : "Accepted";
  return written(core, call, account, before, deployment, {
    durationMs,
    status: before === undefined ? 201 : 200,
    state,
  });
}

/** The deployment that a seed describes, paused if it says so; quota isn't asked. */
export function seededDeployment(core: Core, call: Call): Deployment {
  const asked = read(schemas.deploymentWithTier, call.body, "PUT") as DeploymentRequest;
  const { deployment } = replaced(core, call, parentOf(core, call), undefined, asked);
  const given = isObject(call.body) && isObject(call.body["properties"]) ? call.body["properties"] : {};
  const { deploymentState } = given;
  if (deploymentState === undefined) return deployment;
  return { ...deployment, properties: { ...deployment.properties, deploymentState } };
}

function replaced(
  core: Core,
  call: Call,
  account: Account,
  before: Deployment | undefined,
  asked: DeploymentRequest,
): { deployment: Deployment; offered: ModelSku } {
  const wanted = asked.properties?.["model"];
  if (!isObject(wanted)) {
    throw new ArmRefusal(400, "InvalidResourceProperties", "The required property 'properties.model' is missing.");
  }
  const model = core.quotas.model(wanted, account.location);
  const offered = skuFor(model, asked.sku?.name ?? "Standard");
  const sku: Sku = { ...asked.sku, name: offered.name, capacity: asked.sku?.capacity ?? offered.capacity.default };
  checkCapacity(offered, sku.capacity ?? 0);
  const policy = asked.properties?.["raiPolicyName"];
  if (typeof policy === "string") checkPolicy(core, account, policy);
  const properties = {
    ...asked.properties,
    ...pausedState(before),
    model: { ...wanted, format: model.format, name: model.name, version: model.version },
    versionUpgradeOption: asked.properties?.["versionUpgradeOption"] ?? "OnceNewDefaultVersionAvailable",
  };
  return { deployment: assemble(core, call, before, { account, model, sku, tags: asked.tags, properties }), offered };
}

/** A PUT resumes nothing. */
function pausedState(before: Deployment | undefined): JsonObject {
  const deploymentState = before?.properties["deploymentState"];
  return deploymentState === undefined ? {} : { deploymentState };
}

function patchDeployment(core: Core, call: Call): Answer {
  const id = call.target.lowerPath;
  const account = parentOf(core, call);
  const before = deploymentOf(core, call, id);
  const asked = read(schemas.deploymentPatch, call.body, "PATCH") as DeploymentRequest;
  core.operations.guard(account.id.toLowerCase(), account.id, call.nowMs);
  const model = core.quotas.model(before.properties.model, account.location);
  const offered = skuFor(model, asked.sku?.name ?? before.sku.name);
  const sku: Sku = { ...before.sku, ...asked.sku, name: offered.name };
  if (asked.sku !== undefined) checkCapacity(offered, sku.capacity ?? 0);
  core.quotas.demand(account, offered, sku.capacity ?? 0, before);
  const deployment = assemble(core, call, before, {
    account,
    model,
    sku,
    tags: asked.tags ?? before.tags,
    properties: before.properties,
  });
  const durationMs = core.operations.latency.patchDeploymentMs;
  return written(core, call, account, before, deployment, {
    durationMs,
    status: durationMs > 0 ? 202 : 200,
    state: "Accepted",
  });
}

function deleteDeployment(core: Core, call: Call): Answer {
  const id = call.target.lowerPath;
  const deployment = core.state.get("deployment", id);
  if (deployment === undefined) return { status: 204 };
  const account = parentOf(core, call);
  const accountId = account.id.toLowerCase();
  core.operations.guard(accountId, account.id, call.nowMs);
  const durationMs = core.operations.latency.deleteDeploymentMs;
  if (durationMs <= 0) {
    removeDeployment(core.state, id);
    core.operations.busy(accountId, call.nowMs);
    return { status: 200 };
  }
  const properties = { ...deployment.properties, provisioningState: "Deleting" };
  core.state.put("deployment", id, { ...deployment, properties });
  const { location } = account;
  const headers = core.operations.begin(call, {
    kind: "delete",
    on: "deployment",
    resourceId: id,
    accountId,
    location,
    durationMs,
    before: deployment,
  });
  return { status: 202, headers, accepted: true };
}

/** What the deployment's model can be moved to, with the capacities that each SKU takes. */
function listSkus(core: Core, call: Call): Answer {
  const id = call.target.lowerPath.slice(0, call.target.lowerPath.lastIndexOf("/"));
  const deployment = deploymentOf(core, call, id);
  const account = accountOf(core, call, accountIdOf(id));
  const model = core.quotas.model(deployment.properties.model, account.location);
  const value = model.skus.map((sku) => ({ resourceType: TYPE, sku: { name: sku.name }, capacity: sku.capacity }));
  return { status: 200, body: { value } };
}

function parentOf(core: Core, call: Call): Account {
  return parentAccount(core, call, TYPE);
}

function skuFor(model: CatalogueModel, name: string): ModelSku {
  const sku = model.skus.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (sku !== undefined) return sku;
  throw new ArmRefusal(
    400,
    "InvalidResourceProperties",
    `The specified SKU '${name}' of account deployment is not supported by the model '${model.name}' version: '${model.version}'.`,
  );
}

interface Parts {
  readonly account: Account;
  readonly model: CatalogueModel;
  readonly sku: Sku;
  readonly tags: Tags | undefined;
  readonly properties: JsonObject;
}

function assemble(core: Core, call: Call, before: Deployment | undefined, parts: Parts): Deployment {
  const capacity = parts.sku.capacity ?? 0;
  if (parts.tags !== undefined) checkTags(parts.tags);
  return defined({
    id: before?.id ?? `${parts.account.id}/deployments/${call.target.names[1] ?? ""}`,
    type: TYPE,
    name: before?.name ?? call.target.names[1] ?? "",
    sku: parts.sku,
    tags: parts.tags,
    properties: defined({
      ...parts.properties,
      currentCapacity: capacity,
      capabilities: parts.model.capabilities,
      provisioningState: "Succeeded",
      rateLimits: rateLimits(parts.model, parts.sku.name, capacity),
    }),
    systemData: touched(call, before?.systemData),
    etag: `"${uuid(core.random)}"`,
  }) as unknown as Deployment;
}

/** Provisioned and batch SKUs are not limited by requests and tokens a minute. */
function rateLimits(model: CatalogueModel, sku: string, capacity: number): JsonObject[] | undefined {
  if (!/standard$/i.test(sku)) return undefined;
  const { tokens, requests } = perUnitOf(model);
  // Seen with 6 requests a minute for a unit: one in ten seconds. Fewer are shown over a minute (MEM).
  const perTenSeconds = requests / 6;
  const request = Number.isInteger(perTenSeconds)
    ? { key: "request", renewalPeriod: 10, count: capacity * perTenSeconds }
    : { key: "request", renewalPeriod: 60, count: capacity * requests };
  return [request, { key: "token", renewalPeriod: 60, count: capacity * tokens }];
}

function written(
  core: Core,
  call: Call,
  account: Account,
  before: Deployment | undefined,
  deployment: Deployment,
  how: { durationMs: number; status: number; state: "Creating" | "Accepted" },
): Answer {
  const id = deployment.id.toLowerCase();
  const accountId = account.id.toLowerCase();
  if (how.durationMs <= 0) {
    core.state.put("deployment", id, deployment);
    core.operations.busy(accountId, call.nowMs);
    const body = shownDeployment(deployment, call.apiVersion);
    return { status: how.status, headers: { etag: deployment.etag }, body };
  }
  // What is deployed lags behind what was asked for.
  const lag = { provisioningState: how.state, currentCapacity: before?.properties["currentCapacity"] ?? 0 };
  const pending: Deployment = { ...deployment, properties: { ...deployment.properties, ...lag } };
  core.state.put("deployment", id, pending);
  const headers = core.operations.begin(call, {
    kind: "write",
    on: "deployment",
    resourceId: id,
    accountId,
    location: account.location,
    durationMs: how.durationMs,
    before,
  });
  const body = shownDeployment(pending, call.apiVersion);
  return { status: how.status, headers: { etag: deployment.etag, ...headers }, body, accepted: true };
}

function checkName(name: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$/.test(name)) return;
  throw new ArmRefusal(
    400,
    "InvalidResourceName",
    `The deployment name '${name}' is invalid: expected 1 to 64 letters, digits, '_', '.' or '-', beginning with a letter or digit.`,
  );
}
