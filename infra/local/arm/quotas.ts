/**
 * Quota pools and the model catalogue. A pool is a limit for a subscription, region and usage name; it is used up by the
 * capacity of the deployments there whose model and SKU name it, and of those of soft-deleted accounts. The use is kept
 * up to date deployment by deployment.
 */
import { ArmRefusal } from "./errors.ts";
import type { Account, CatalogueModel, Deployment, ModelName, ModelSku } from "./model.ts";
import type { State } from "./state.ts";

/** What a deployment uses of a pool. */
export interface Share {
  readonly pool: string;
  readonly capacity: number;
}

export class Quotas {
  readonly #state: State;
  readonly #used = new Map<string, number>();
  readonly #shares = new Map<string, Share>();
  readonly #changed = new Set<string>();

  constructor(state: State) {
    this.#state = state;
    for (const [id] of state.entries("deployment")) this.#changed.add(id);
    state.watch("deployment", (id) => {
      if (id !== undefined) this.#changed.add(id);
      else for (const known of this.#shares.keys()) this.#changed.add(known);
    });
  }

  /** Capacity in use in a pool. */
  used(subscriptionId: string, location: string, usageName: string): number {
    this.#catchUp();
    const pool = poolKey(subscriptionId, location, usageName);
    let used = this.#used.get(pool) ?? 0;
    for (const { held } of this.#state.values("deletedAccount")) {
      for (const share of held) if (share.pool === pool) used += share.capacity;
    }
    return used;
  }

  /** What the deployments below an account use, by the account's lower-case ID. */
  sharesBelow(accountId: string): Share[] {
    this.#catchUp();
    const prefix = `${accountId}/deployments/`;
    return [...this.#shares].filter(([id]) => id.startsWith(prefix)).map(([, share]) => share);
  }

  limit(subscriptionId: string, location: string, usageName: string): number {
    return this.#state.get("quota", poolKey(subscriptionId, location, usageName))?.limit ?? 0;
  }

  /**
   * Refuses a deployment that needs more of its pool than is left.
   * @throws ArmRefusal 400 InsufficientQuota.
   */
  demand(
    account: { id: string; location: string },
    sku: ModelSku,
    capacity: number,
    before: Deployment | undefined,
  ): void {
    const subscriptionId = account.id.split("/")[2] ?? "";
    const { location } = account;
    const held = before === undefined ? undefined : this.skuOf(before, location);
    const already = held?.usageName === sku.usageName && before !== undefined ? capacityOf(before) : 0;
    const more = capacity - already;
    if (more <= 0) return;
    const used = this.used(subscriptionId, location, sku.usageName);
    if (used + more <= this.limit(subscriptionId, location, sku.usageName)) return;
    const { code, message } = this.#shortage(subscriptionId, location, sku.usageName, more, used);
    throw new ArmRefusal(400, code, message);
  }

  /**
   * What is missing when a long-running write of a deployment comes to its end: its pool may have shrunk meanwhile.
   * `deployment` is in the state already; `before` is what it was.
   */
  shortageAtEnd(
    account: Account,
    deployment: Deployment,
    before: Deployment | undefined,
  ): { code: string; message: string } | undefined {
    const sku = this.skuOf(deployment, account.location);
    if (sku === undefined) return undefined;
    const held = before === undefined ? undefined : this.skuOf(before, account.location);
    const already = held?.usageName === sku.usageName && before !== undefined ? capacityOf(before) : 0;
    const more = capacityOf(deployment) - already;
    const subscriptionId = account.id.split("/")[2] ?? "";
    const used = this.used(subscriptionId, account.location, sku.usageName);
    if (more <= 0 || used <= this.limit(subscriptionId, account.location, sku.usageName)) return undefined;
    return this.#shortage(subscriptionId, account.location, sku.usageName, more, used - more);
  }

  #shortage(
    subscriptionId: string,
    location: string,
    usageName: string,
    more: number,
    used: number,
  ): { code: string; message: string } {
    const limit = this.limit(subscriptionId, location, usageName);
    const name = this.#state.get("quota", poolKey(subscriptionId, location, usageName))?.localizedName;
    const shown = name ?? usageName;
    const message = `This operation require ${more} new capacity in quota ${shown}, which is bigger than the current available capacity ${Math.max(0, limit - used)}. The current quota usage is ${used} and the quota limit is ${limit} for quota ${shown}.`;
    return { code: "InsufficientQuota", message };
  }

  /**
   * The model that a deployment asks for; without a version, its default one.
   * @throws ArmRefusal 400 DeploymentModelNotSupported.
   */
  model(wanted: Partial<ModelName>, location: string): CatalogueModel {
    const { format = "", name = "", version } = wanted;
    const exact = version === undefined ? undefined : this.#state.get("model", modelKey({ format, name, version }));
    const found = exact ?? (version === undefined ? this.#defaultVersion(format, name, location) : undefined);
    if (found !== undefined && found.locations.some((offered) => sameLocation(offered, location))) return found;
    const source = typeof wanted["source"] === "string" ? wanted["source"] : "";
    throw new ArmRefusal(
      400,
      "DeploymentModelNotSupported",
      `The model 'Publisher: , Format: ${format}, Name: ${name}, Version: ${version ?? ""}, Source: ${source}, SourceAccount: ' of account deployment is not supported.`,
    );
  }

  /** The catalogue's SKU of a deployment that exists; undefined when the catalogue has dropped it. */
  skuOf(deployment: Deployment, location: string): ModelSku | undefined {
    const model = this.#state.get("model", modelKey(deployment.properties.model));
    if (model?.locations.some((offered) => sameLocation(offered, location)) !== true) return undefined;
    return model.skus.find((sku) => sku.name.toLowerCase() === deployment.sku.name.toLowerCase());
  }

  #defaultVersion(format: string, name: string, location: string): CatalogueModel | undefined {
    const versions = [...this.#state.values("model")].filter(
      (model) =>
        same(model.format, format) &&
        same(model.name, name) &&
        model.locations.some((offered) => sameLocation(offered, location)),
    );
    return versions.find((model) => model.isDefaultVersion === true);
  }

  #catchUp(): void {
    for (const id of this.#changed) this.#update(id);
    this.#changed.clear();
  }

  #update(id: string): void {
    const before = this.#shares.get(id);
    if (before !== undefined) this.#used.set(before.pool, (this.#used.get(before.pool) ?? 0) - before.capacity);
    this.#shares.delete(id);
    const deployment = this.#state.get("deployment", id);
    const account = this.#state.get("account", id.slice(0, id.lastIndexOf("/deployments/")));
    if (deployment === undefined || account === undefined) return;
    const sku = this.skuOf(deployment, account.location);
    if (sku === undefined) return;
    const pool = poolKey(account.id.split("/")[2] ?? "", account.location, sku.usageName);
    const capacity = capacityOf(deployment);
    this.#shares.set(id, { pool, capacity });
    this.#used.set(pool, (this.#used.get(pool) ?? 0) + capacity);
  }
}

/**
 * Refuses a capacity that the SKU doesn't take.
 * @throws ArmRefusal 400 InvalidCapacity.
 */
export function checkCapacity(sku: ModelSku, capacity: number): void {
  const { minimum = 1, maximum, step = 1, allowedValues } = sku.capacity;
  if (capacity <= 0 || capacity > maximum) {
    throw new ArmRefusal(
      400,
      "InvalidCapacity",
      `The specified capacity '${capacity}' of account deployment should be greater than 0 and no more than ${maximum}.`,
    );
  }
  const offGrid = allowedValues === undefined ? (capacity - minimum) % step !== 0 : !allowedValues.includes(capacity);
  if (capacity < minimum || offGrid) {
    const taken =
      allowedValues === undefined ? `at least ${minimum}, in steps of ${step}` : `one of ${allowedValues.join(", ")}`;
    // Code observed for the bounds; the wording for minimum and step is our own.
    throw new ArmRefusal(
      400,
      "InvalidCapacity",
      `The specified capacity '${capacity}' of account deployment should be ${taken} for SKU '${sku.name}'.`,
    );
  }
}

/** What a deployment holds; one whose write has failed holds what it had before. */
function capacityOf(deployment: Deployment): number {
  const { provisioningState, currentCapacity } = deployment.properties;
  if (provisioningState === "Failed" && typeof currentCapacity === "number") return currentCapacity;
  return deployment.sku.capacity ?? 0;
}

/** What a unit of a token SKU allows in a minute; classic chat models are the rule. */
export function perUnitOf(model: CatalogueModel): { readonly tokens: number; readonly requests: number } {
  return model.perUnit ?? { tokens: 1000, requests: 6 };
}

export function poolKey(subscriptionId: string, location: string, usageName: string): string {
  return `${subscriptionId}|${normalLocation(location)}|${usageName}`.toLowerCase();
}

export function modelKey(model: { format: string; name: string; version: string }): string {
  return `${model.format}|${model.name}|${model.version}`.toLowerCase();
}

/** `Sweden Central` and `swedencentral` are the same region. */
export function normalLocation(location: string): string {
  return location.replaceAll(" ", "").toLowerCase();
}

export function sameLocation(a: string, b: string): boolean {
  return a === b || normalLocation(a) === normalLocation(b);
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
