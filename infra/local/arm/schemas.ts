/** Request bodies of the operations that the engine serves: Microsoft.CognitiveServices 2025-09-01 and ARM's own. */
import { boolean, list, map, number, object, oneOf, readOnly, text, type Schema } from "./schema.ts";

/** The longest value of a tag. */
const tagValue: Schema = { kind: "string", max: 256 };

export const envelope = { id: readOnly, name: readOnly, type: readOnly, etag: readOnly, systemData: readOnly };
export const tags = map("IDictionary`2", tagValue);

const throttlingRule = object("ThrottlingRule", {
  key: text,
  renewalPeriod: number,
  count: number,
  minCount: number,
  dynamicThrottlingEnabled: boolean,
  matchPatterns: list(object("RequestMatchPattern", { path: text, method: text })),
});
const rateLimit = (name: string): Schema =>
  object(name, { count: number, renewalPeriod: number, rules: list(throttlingRule) });

const sku = object(
  "Sku",
  {
    name: text,
    tier: oneOf("Basic", "Enterprise", "Free", "Premium", "Standard"),
    size: text,
    family: text,
    capacity: { kind: "number", integer: true },
  },
  { required: ["name"] },
);

export const identity = object("Identity", {
  type: oneOf("None", "SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"),
  tenantId: readOnly,
  principalId: readOnly,
  userAssignedIdentities: map(
    "IDictionary`2",
    object("UserAssignedIdentity", { principalId: readOnly, clientId: readOnly }),
    true,
  ),
});

/** An IPv4 address, or a range in CIDR notation. */
const OCTET = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const ipRange: Schema = {
  kind: "string",
  pattern: new RegExp(`^${OCTET}(\\.${OCTET}){3}(/(3[0-2]|[12]?\\d))?$`),
};
const subnetId: Schema = {
  kind: "string",
  pattern: /^\/subscriptions\/.+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i,
};
const storageAccountId: Schema = {
  kind: "string",
  pattern: /^\/subscriptions\/.+\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+$/i,
};

const networkRuleSet = object("NetworkRuleSet", {
  defaultAction: oneOf("Allow", "Deny"),
  bypass: oneOf("AzureServices", "None"),
  ipRules: list(object("IpRule", { value: ipRange }, { required: ["value"] })),
  virtualNetworkRules: list(
    object(
      "VirtualNetworkRule",
      { id: subnetId, state: text, ignoreMissingVnetServiceEndpoint: boolean },
      { required: ["id"] },
    ),
  ),
});

const shortText: Schema = { kind: "string", max: 500 };
/** Of the older kinds of account: QnA Maker, Personalizer, Metrics Advisor. */
const apiProperties: Readonly<Record<string, Schema>> = {
  qnaRuntimeEndpoint: text,
  qnaAzureSearchEndpointKey: text,
  qnaAzureSearchEndpointId: text,
  statisticsEnabled: boolean,
  eventHubConnectionString: { kind: "string", max: 1000 },
  storageAccountConnectionString: { kind: "string", max: 1000 },
  aadClientId: shortText,
  aadTenantId: shortText,
  superUser: shortText,
  websiteName: shortText,
};

const accountProperties = object(
  "AccountProperties",
  {
    provisioningState: text,
    endpoint: readOnly,
    internalId: readOnly,
    capabilities: readOnly,
    isMigrated: readOnly,
    privateEndpointConnections: readOnly,
    dateCreated: readOnly,
    endpoints: readOnly,
    deletionDate: readOnly,
    scheduledPurgeDate: readOnly,
    commitmentPlanAssociations: readOnly,
    // What the service reports and no client sets, although the contract doesn't mark it read-only.
    callRateLimit: readOnly,
    skuChangeInfo: readOnly,
    quotaLimit: readOnly,
    abusePenalty: readOnly,
    customSubDomainName: { kind: "string", pattern: /^[a-z0-9][a-z0-9-]{0,62}$/i },
    networkAcls: networkRuleSet,
    encryption: object("Encryption", {
      keyVaultProperties: object("KeyVaultProperties", {
        keyName: text,
        keyVersion: text,
        keyVaultUri: text,
        identityClientId: text,
      }),
      keySource: oneOf("Microsoft.CognitiveServices", "Microsoft.KeyVault"),
    }),
    userOwnedStorage: list(object("UserOwnedStorage", { resourceId: storageAccountId, identityClientId: text })),
    publicNetworkAccess: oneOf("Enabled", "Disabled"),
    apiProperties: object("ApiProperties", apiProperties),
    dynamicThrottlingEnabled: boolean,
    storedCompletionsDisabled: boolean,
    restrictOutboundNetworkAccess: boolean,
    allowedFqdnList: list(text),
    disableLocalAuth: boolean,
    restore: boolean,
    raiMonitorConfig: object("RaiMonitorConfig", { adxStorageResourceId: text, identityClientId: text }),
    networkInjections: list(
      object("NetworkInjection", {
        scenario: oneOf("agent", "none"),
        subnetArmId: text,
        useMicrosoftManagedNetwork: boolean,
      }),
    ),
    allowProjectManagement: boolean,
    defaultProject: text,
    associatedProjects: list(text),
  },
  { nullable: true },
);

export const account = object(
  "Account",
  { ...envelope, kind: text, sku, identity, tags, location: text, properties: accountProperties },
  { nullable: true },
);

export const regenerateKey = object(
  "RegenerateKeyParameters",
  { keyName: oneOf("Key1", "Key2") },
  { required: ["keyName"] },
);

const deploymentModel = object("DeploymentModel", {
  publisher: text,
  format: text,
  name: text,
  version: text,
  source: text,
  sourceAccount: text,
  callRateLimit: rateLimit("CallRateLimit"),
});

const deploymentProperties: Readonly<Record<string, Schema>> = {
  provisioningState: text,
  model: deploymentModel,
  raiPolicyName: text,
  versionUpgradeOption: oneOf("NoAutoUpgrade", "OnceCurrentVersionExpired", "OnceNewDefaultVersionAvailable"),
  capacitySettings: object("DeploymentCapacitySettings", {
    designatedCapacity: { kind: "number", min: 0 },
    priority: { kind: "number", min: 0 },
  }),
  parentDeploymentName: text,
  spilloverDeploymentName: text,
  capabilities: readOnly,
  rateLimits: readOnly,
  dynamicThrottlingEnabled: readOnly,
  // Follows sku.capacity; reported, not set.
  currentCapacity: readOnly,
  callRateLimit: readOnly,
};

export const deployment = object("Deployment", {
  ...envelope,
  sku,
  tags,
  properties: object("DeploymentProperties", deploymentProperties),
});

/** From 2026-03-01 on. Pausing is a POST of its own. */
export const deploymentWithTier = object("Deployment", {
  ...envelope,
  sku,
  tags,
  properties: object("DeploymentProperties", {
    ...deploymentProperties,
    serviceTier: oneOf("Default", "Priority"),
    deploymentState: readOnly,
  }),
});

/** A deployment's PATCH takes nothing but sku and tags; a model or a policy is changed by PUT. */
export const deploymentPatch = object("PatchResourceTagsAndSku", { sku, tags });

export const lock = object(
  "ManagementLockObject",
  {
    ...envelope,
    properties: object(
      "ManagementLockProperties",
      {
        level: oneOf("CanNotDelete", "ReadOnly"),
        notes: { kind: "string", max: 512 },
        owners: list(object("ManagementLockOwner", { applicationId: text })),
      },
      { required: ["level"] },
    ),
  },
  { required: ["properties"] },
);

const audited = { createdOn: readOnly, updatedOn: readOnly, createdBy: readOnly, updatedBy: readOnly };

export const roleAssignment = object(
  "RoleAssignmentCreateParameters",
  {
    ...envelope,
    properties: object(
      "RoleAssignmentProperties",
      {
        ...audited,
        scope: readOnly,
        roleDefinitionId: text,
        principalId: text,
        principalType: oneOf("User", "Group", "ServicePrincipal", "ForeignGroup", "Device"),
        description: text,
        condition: text,
        conditionVersion: text,
        delegatedManagedIdentityResourceId: text,
      },
      { required: ["roleDefinitionId", "principalId"] },
    ),
  },
  { required: ["properties"] },
);

export const roleDefinition = object(
  "RoleDefinition",
  {
    ...envelope,
    properties: object(
      "RoleDefinitionProperties",
      {
        ...audited,
        roleName: text,
        description: text,
        type: oneOf("CustomRole"),
        permissions: list(
          object("Permission", {
            actions: list(text),
            notActions: list(text),
            dataActions: list(text),
            notDataActions: list(text),
          }),
        ),
        assignableScopes: list(text),
      },
      { required: ["roleName", "permissions", "assignableScopes"] },
    ),
  },
  { required: ["properties"] },
);

const tagSet = object("Tags", { tags }, { required: ["tags"] });
export const tagsResource = object("TagsResource", { ...envelope, properties: tagSet }, { required: ["properties"] });
export const tagsPatch = object(
  "TagsPatchResource",
  { operation: oneOf("Replace", "Merge", "Delete"), properties: tagSet },
  { required: ["operation", "properties"] },
);
