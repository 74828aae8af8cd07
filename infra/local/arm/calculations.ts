/**
 * What a subscription can ask Cognitive Services to work out: how much capacity a workload needs, and whether a subdomain
 * is free. They are POSTs that change nothing.
 *
 * Provisioned capacity is (input tokens + weight x output tokens) a minute, divided by what one PTU serves of the model;
 * standard capacity is tokens a minute in units of the model. The deployable value is that at the SKU's steps.
 */
import type { Answer, Call, Core, ResourceType } from "./call.ts";
import { calculateCapacity, checkDomain } from "./cognitiveSchemas.ts";
import { ArmRefusal, authorizationFailed } from "./errors.ts";
import type { CatalogueModel, ModelName, ModelSku } from "./model.ts";
import { modelKey, perUnitOf } from "./quotas.ts";
import { read } from "./schema.ts";
import { cognitiveServicesVersions } from "./versions.ts";

const NAMESPACE = "Microsoft.CognitiveServices";

export const calculationTypes: readonly ResourceType[] = [
  {
    name: `${NAMESPACE}/calculateModelCapacity`,
    apiVersions: cognitiveServicesVersions,
    collection: { POST: calculateModelCapacity },
    queries: true,
  },
  {
    name: `${NAMESPACE}/checkDomainAvailability`,
    apiVersions: cognitiveServicesVersions,
    collection: { POST: checkDomainAvailability },
    queries: true,
  },
];

function authorize(core: Core, call: Call, name: string): void {
  const action = `${NAMESPACE}/${name}/action`;
  const scope = `/subscriptions/${call.target.subscriptionId ?? ""}`;
  if (!core.rbac.allows(call.caller.oid, action, scope.toLowerCase())) {
    throw authorizationFailed(call.caller.oid, action, scope);
  }
}

interface Workload {
  readonly requestPerMinute: number;
  readonly requestParameters: { readonly avgPromptTokens: number; readonly avgGeneratedTokens: number };
}

interface CapacityRequest {
  readonly model: ModelName;
  readonly skuName: string;
  readonly workloads: readonly Workload[];
}

function calculateModelCapacity(core: Core, call: Call): Answer {
  authorize(core, call, "calculateModelCapacity");
  const asked = read(calculateCapacity, call.body, "POST") as unknown as CapacityRequest;
  const model = core.state.get("model", modelKey(asked.model));
  const { format, name, version } = asked.model;
  if (model === undefined) {
    throw new ArmRefusal(
      400,
      "DeploymentModelNotSupported",
      `The model 'Publisher: , Format: ${format}, Name: ${name}, Version: ${version}, Source: , SourceAccount: ' of account deployment is not supported.`,
    );
  }
  const sku = model.skus.find((one) => one.name.toLowerCase() === asked.skuName.toLowerCase());
  if (sku === undefined) {
    throw new ArmRefusal(
      400,
      "InvalidResourceProperties",
      `The specified SKU '${asked.skuName}' of account deployment is not supported by the model '${name}' version: '${version}'.`,
    );
  }
  const value = unitsOf(model, sku, asked.workloads);
  const estimatedCapacity = { value, deployableValue: atSteps(sku, value) };
  return {
    status: 200,
    body: {
      model: { format: model.format, name: model.name, version: model.version },
      skuName: sku.name,
      estimatedCapacity,
    },
  };
}

function unitsOf(model: CatalogueModel, sku: ModelSku, workloads: readonly Workload[]): number {
  let input = 0;
  let output = 0;
  for (const { requestPerMinute, requestParameters } of workloads) {
    input += requestPerMinute * requestParameters.avgPromptTokens;
    output += requestPerMinute * requestParameters.avgGeneratedTokens;
  }
  if (!/provisioned/i.test(sku.name)) return Math.ceil((input + output) / perUnitOf(model).tokens);
  if (model.throughput === undefined) {
    throw new ArmRefusal(
      400,
      "InvalidResourceProperties",
      `The throughput of the model '${model.name}' version: '${model.version}' is not known to this service.`,
    );
  }
  const { inputTokensPerPtu, outputWeight } = model.throughput;
  return Math.ceil((input + outputWeight * output) / inputTokensPerPtu);
}

/** The smallest capacity that the SKU takes and that is no less. */
function atSteps(sku: ModelSku, value: number): number {
  const { minimum = 1, step = 1, allowedValues } = sku.capacity;
  if (allowedValues !== undefined) return allowedValues.find((allowed) => allowed >= value) ?? sku.capacity.maximum;
  return value <= minimum ? minimum : minimum + Math.ceil((value - minimum) / step) * step;
}

function checkDomainAvailability(core: Core, call: Call): Answer {
  authorize(core, call, "checkDomainAvailability");
  const asked = read(checkDomain, call.body, "POST");
  const { subdomainName } = asked as { subdomainName: string };
  const deleted = [...core.state.values("deletedAccount")].map(({ account }) => account);
  const isTaken = [...core.state.values("account"), ...deleted].some(
    ({ properties: { customSubDomainName: taken } }) =>
      typeof taken === "string" && taken.toLowerCase() === subdomainName.toLowerCase(),
  );
  const reason = isTaken ? { reason: `Sub domain name '${subdomainName}' is already used.` } : {};
  return { status: 200, body: { isSubdomainAvailable: !isTaken, ...reason, subdomainName, type: asked["type"] } };
}
