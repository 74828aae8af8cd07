/** What the engine keeps: the bodies that it answers, and beside them what ARM knows and doesn't show. */
import type { AreaTables } from "./areas.ts";
import type { Json, JsonObject } from "./json.ts";

export interface SystemData {
  readonly createdBy: string;
  readonly createdByType: "User" | "Application";
  readonly createdAt: string;
  readonly lastModifiedBy: string;
  readonly lastModifiedByType: "User" | "Application";
  readonly lastModifiedAt: string;
}

export type Tags = Readonly<Record<string, string>>;

export interface Sku {
  readonly name: string;
  readonly capacity?: number;
  readonly [name: string]: Json | undefined;
}

export interface Subscription {
  readonly id: string;
  readonly subscriptionId: string;
  readonly displayName: string;
  readonly state: "Enabled";
  readonly tenantId: string;
  readonly tags?: Tags;
}

export interface ResourceGroup {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly location: string;
  readonly tags?: Tags;
  readonly properties: { readonly provisioningState: "Succeeded" };
}

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly etag: string;
  readonly location: string;
  readonly kind: string;
  readonly sku: Sku;
  readonly identity?: JsonObject;
  readonly tags?: Tags;
  readonly properties: JsonObject & { readonly provisioningState: string };
  readonly systemData: SystemData;
}

/** The two keys that listKeys answers. */
export interface AccountKeys {
  readonly key1: string;
  readonly key2: string;
}

export interface Deployment {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly etag: string;
  readonly sku: Sku;
  readonly tags?: Tags;
  readonly properties: JsonObject & { readonly provisioningState: string; readonly model: ModelName };
  readonly systemData: SystemData;
}

export interface ModelName {
  readonly format: string;
  readonly name: string;
  readonly version: string;
  readonly [name: string]: Json | undefined;
}

/** A content filter. */
export interface RaiPolicy {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly etag?: string;
  readonly tags?: Tags;
  readonly properties: JsonObject;
  readonly systemData?: SystemData;
}

/** A Foundry project; its name has its account's in front. */
export interface Project {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly etag: string;
  readonly location: string;
  readonly identity?: JsonObject;
  readonly tags?: Tags;
  readonly properties: JsonObject & { readonly provisioningState: string };
  readonly systemData: SystemData;
}

/** What an account or a project may reach; without its secrets. */
export interface Connection {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly properties: JsonObject & { readonly authType: string };
  readonly systemData: SystemData;
}

export interface DefenderSetting {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly etag: string;
  readonly tags?: Tags;
  readonly properties: JsonObject;
  readonly systemData: SystemData;
}

export interface QuotaTier {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly properties: JsonObject;
}

/** A soft-deleted account and what comes back with it. */
export interface DeletedAccount {
  /** With its deletion date and purge date. */
  readonly account: Account;
  readonly children: readonly {
    readonly kind: "accountKeys" | "deployment" | "raiPolicy" | "project" | "connection" | "defenderSetting";
    readonly id: string;
    readonly body: AccountKeys | Deployment | RaiPolicy | Project | Connection | DefenderSetting;
  }[];
  /** Quota that its deployments hold until it is purged. */
  readonly held: readonly { readonly pool: string; readonly capacity: number }[];
  readonly purgeMs: number;
}

export interface RoleDefinition {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly properties: {
    readonly roleName: string;
    readonly type: "BuiltInRole" | "CustomRole";
    readonly description: string;
    readonly assignableScopes: readonly string[];
    readonly permissions: readonly Permission[];
    readonly createdOn: string;
    readonly updatedOn: string;
    readonly createdBy?: string;
    readonly updatedBy?: string;
  };
}

export interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

export interface RoleAssignment {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly properties: {
    readonly roleDefinitionId: string;
    readonly principalId: string;
    readonly principalType: string;
    readonly scope: string;
    readonly description?: string;
    readonly condition?: string;
    readonly conditionVersion?: string;
    readonly createdOn: string;
    readonly updatedOn: string;
    readonly createdBy: string;
    readonly updatedBy: string;
  };
}

export interface Lock {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly properties: {
    readonly level: "CanNotDelete" | "ReadOnly";
    readonly notes?: string;
    readonly owners?: readonly JsonObject[];
  };
  readonly systemData: SystemData;
}

/** A limit of one pool: subscription, region and usage name. */
export interface Quota {
  readonly subscriptionId: string;
  readonly location: string;
  /** For example `OpenAI.GlobalStandard.gpt-4o`. */
  readonly usageName: string;
  /** For example `Tokens Per Minute (thousands) - gpt-4o - GlobalStandard`. */
  readonly localizedName: string;
  /** In units of sku.capacity. */
  readonly limit: number;
}

export interface ModelSku {
  readonly name: string;
  readonly usageName: string;
  readonly deprecationDate?: string;
  readonly capacity: {
    readonly minimum?: number;
    readonly maximum: number;
    readonly step?: number;
    readonly default: number;
    readonly allowedValues?: readonly number[];
  };
}

/** A model as the catalogue of a region offers it. */
export interface CatalogueModel {
  readonly format: string;
  readonly name: string;
  readonly version: string;
  readonly isDefaultVersion?: boolean;
  readonly lifecycleStatus?: string;
  readonly capabilities?: Readonly<Record<string, string>>;
  readonly deprecation?: {
    readonly fineTune?: string;
    readonly inference?: string;
    readonly deprecationStatus?: "Planned" | "Tentative";
  };
  readonly replacementConfig?: { readonly targetModelName: string; readonly targetModelVersion: string };
  readonly skus: readonly ModelSku[];
  /** Input tokens a minute that one PTU serves, and how many of them an output token counts; not part of the answer. */
  readonly throughput?: { readonly inputTokensPerPtu: number; readonly outputWeight: number };
  /** What a unit of a token SKU allows in a minute, where it isn't 1,000 tokens and 6 requests; not part of the answer. */
  readonly perUnit?: { readonly tokens: number; readonly requests: number };
  /** Regions that offer it, for example `swedencentral`; not part of the answer. */
  readonly locations: readonly string[];
}

export interface Operation {
  readonly id: string;
  readonly kind: "write" | "delete";
  readonly on: "account" | "deployment" | "project" | "raiPolicy";
  /** Lower case. */
  readonly resourceId: string;
  /** The account that is busy with it, lower case. */
  readonly accountId: string;
  readonly startedMs: number;
  readonly dueMs: number;
  readonly status: "InProgress" | "Succeeded" | "Failed";
  /** How it will fail, or has failed. */
  readonly error?: { readonly code: string; readonly message: string };
  /** What a write that fails puts back; absent when it created the resource. */
  readonly before?: Account | Deployment | Project;
  readonly startedBy: string;
  /** The change to tell once it has ended. */
  readonly change: Json;
}

/** What each table keeps, by lower-case resource ID (or another key that its comment names). */
export interface Tables extends AreaTables {
  subscription: Subscription;
  resourceGroup: ResourceGroup;
  account: Account;
  accountKeys: AccountKeys;
  deployment: Deployment;
  raiPolicy: RaiPolicy;
  project: Project;
  connection: Connection;
  defenderSetting: DefenderSetting;
  quotaTier: QuotaTier;
  /** By the ID that the account had. */
  deletedAccount: DeletedAccount;
  roleDefinition: RoleDefinition;
  roleAssignment: RoleAssignment;
  lock: Lock;
  /** By `subscription|location|usageName`. */
  quota: Quota;
  /** By `format|name|version`. */
  model: CatalogueModel;
  /** By operation ID. */
  operation: Operation;
}
