/**
 * Accounts that serve the same use case, by their tag `useCase`: whether one of them can stand in for another is seen only by
 * looking at all. A look of one account sees the others as they were seen last.
 */
import { objectOf, type Json } from "../kernel/canonicalJson.ts";
import type { ResourceId } from "./resourceId.ts";
import { listOf, type Resource, type Sight } from "./sight.ts";

/** What others of a use case are told of an account. Nothing of it changes but with what somebody does there. */
export interface UseCaseAccount {
  readonly key: ResourceId;
  readonly name: string;
  readonly location: string;
  readonly environment: string;
  readonly useCase: string;
  /** Undefined when they are not known. */
  readonly deployments: readonly UseCaseDeployment[] | undefined;
}

export interface UseCaseDeployment {
  readonly name: string;
  readonly model: string;
  readonly version: string;
  readonly sku: string;
  /** Name of its content filter policy; null where it names none. */
  readonly policy: string | null;
  readonly isPaused: boolean;
}

/** Names of use cases are compared without case; undefined where there is no such tag. */
export function useCaseOf(tags: Readonly<Record<string, string>>): string | undefined {
  const [, value = ""] = Object.entries(tags).find(([name]) => name.toLowerCase() === "usecase") ?? [];
  return value.trim() === "" ? undefined : value.trim().toLowerCase();
}

/** What the others of an account's use case are to it; none where it has no use case. */
export function othersOf(key: ResourceId, useCase: string | undefined, all: readonly UseCaseAccount[]): Resource[] {
  return all
    .filter((other) => useCase !== undefined && other.useCase === useCase && other.key !== key)
    .map(asResource)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** As rules see it: `location`, `environment`, and `deployments` with `model`, `version`, `sku`, `policy`, `isPaused`. */
function asResource({ key, name, location, environment, deployments }: UseCaseAccount): Resource {
  const type = "Microsoft.CognitiveServices/accounts";
  const unread = deployments === undefined ? { unread: "DeploymentsNotRead" } : {};
  const list = (deployments ?? []).map(({ name: named, model, version, sku, policy, isPaused }): Json => ({
    name: named,
    model,
    version,
    sku,
    policy,
    isPaused,
  }));
  const none = { lastModifiedBy: undefined, lastModifiedAt: undefined, createdAt: undefined };
  const body = { id: key, name, type, location, environment, deployments: list, ...unread };
  return { id: key, name, provisioningState: "Succeeded", ...none, ...unread, body };
}

/** An account as the others of its use case see it; undefined where it has none. */
export function asUseCaseAccount(sight: Sight, environment: string): UseCaseAccount | undefined {
  const { account } = sight;
  const useCase = useCaseOf(account.tags);
  if (useCase === undefined) return undefined;
  const { name, location } = account.body as { name?: Json; location?: Json };
  return {
    key: account.address.id,
    name: typeof name === "string" ? name : account.address.name,
    location: typeof location === "string" ? location : "",
    environment,
    useCase,
    deployments: listOf(sight, "deployments")?.map(deploymentOf),
  };
}

function deploymentOf({ name, body }: Resource): UseCaseDeployment {
  const properties = objectOf(body["properties"]);
  const model = objectOf(properties["model"]);
  const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");
  const { raiPolicyName } = properties;
  return {
    name,
    model: text(model["name"]),
    version: text(model["version"]),
    sku: text(objectOf(body["sku"])["name"]),
    policy: typeof raiPolicyName === "string" ? raiPolicyName : null,
    isPaused: properties["deploymentState"] === "Paused",
  };
}
