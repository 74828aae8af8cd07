/** Request bodies of what lies below accounts, and of the subscription's calculations: Microsoft.CognitiveServices 2025-09-01. */
import { boolean, list, map, object, oneOf, readOnly, text, type ObjectSchema, type Schema } from "./schema.ts";
import { envelope, identity, tags } from "./schemas.ts";

const source = oneOf("Prompt", "Completion");

export const raiPolicy = object(
  "RaiPolicy",
  {
    ...envelope,
    tags,
    properties: object("RaiPolicyProperties", {
      type: readOnly,
      mode: oneOf("Default", "Deferred", "Blocking", "Asynchronous_filter"),
      basePolicyName: text,
      contentFilters: list(
        object(
          "RaiPolicyContentFilter",
          {
            name: text,
            enabled: boolean,
            severityThreshold: oneOf("Low", "Medium", "High"),
            blocking: boolean,
            source,
          },
          { required: ["name", "source"] },
        ),
      ),
      customBlocklists: list(object("CustomBlocklistConfig", { blocklistName: text, blocking: boolean, source })),
    }),
  },
  { required: ["properties"] },
);

export const project = object(
  "Project",
  {
    ...envelope,
    location: text,
    identity,
    tags,
    properties: object(
      "ProjectProperties",
      { provisioningState: text, displayName: text, description: text, endpoints: readOnly, isDefault: readOnly },
      { nullable: true },
    ),
  },
  { nullable: true },
);

export const defenderSetting = object(
  "DefenderForAISetting",
  {
    ...envelope,
    tags,
    properties: object(
      "DefenderForAISettingProperties",
      { state: oneOf("Enabled", "Disabled") },
      { required: ["state"] },
    ),
  },
  { required: ["properties"] },
);

export const endpointConnection = object(
  "PrivateEndpointConnection",
  {
    ...envelope,
    location: text,
    properties: object(
      "PrivateEndpointConnectionProperties",
      {
        provisioningState: readOnly,
        privateEndpoint: readOnly,
        groupIds: list(text),
        privateLinkServiceConnectionState: object(
          "PrivateLinkServiceConnectionState",
          { status: oneOf("Pending", "Approved", "Rejected"), description: text, actionsRequired: text },
          { required: ["status"] },
        ),
      },
      { required: ["privateLinkServiceConnectionState"] },
    ),
  },
  { required: ["properties"] },
);

const modelName = object(
  "DeploymentModel",
  { format: text, name: text, version: text, publisher: text, source: text, sourceAccount: text },
  { required: ["format", "name", "version"] },
);
const positive: Schema = { kind: "number", min: 0 };

export const calculateCapacity = object(
  "CalculateModelCapacityParameter",
  {
    model: modelName,
    skuName: text,
    workloads: list(
      object(
        "ModelCapacityCalculatorWorkload",
        {
          requestPerMinute: positive,
          requestParameters: object(
            "ModelCapacityCalculatorWorkloadRequestParam",
            { avgPromptTokens: positive, avgGeneratedTokens: positive },
            { required: ["avgPromptTokens", "avgGeneratedTokens"] },
          ),
        },
        { required: ["requestPerMinute", "requestParameters"] },
      ),
    ),
  },
  { required: ["model", "skuName", "workloads"] },
);

export const checkDomain = object(
  "CheckDomainAvailabilityParameter",
  { subdomainName: text, type: oneOf("Microsoft.CognitiveServices/accounts"), kind: text },
  { required: ["subdomainName", "type"] },
);

export const quotaTier = object("QuotaTier", {
  ...envelope,
  properties: object("QuotaTierProperties", {
    currentTierName: readOnly,
    assignmentDate: readOnly,
    tierUpgradePolicy: oneOf("OnceUpgradeIsAvailable", "NoAutoUpgrade"),
    tierUpgradeEligibilityInfo: readOnly,
  }),
});

/** What a connection may point at; the contract's other hundred are not Foundry's. Refused by name. */
const categories = oneOf(
  ..."AIServices ApiKey AzureBlob AzureOneLake AzureOpenAI AzureSqlDb AzureStorageAccount ADLSGen2".split(" "),
  ..."BingLLMSearch CognitiveSearch CognitiveService ContainerRegistry CosmosDb CustomKeys".split(" "),
  ..."AzureDatabricksDeltaLake Elasticsearch Git MongoDbAtlas OpenAI Pinecone Redis S3 Serp Serverless".split(" "),
  ..."SharePointOnlineList Snowflake GenericHttp GenericRest ManagedOnlineEndpoint PythonFeed".split(" "),
);

const secrets = (name: string, ...members: string[]): ObjectSchema =>
  object(name, Object.fromEntries(members.map((member) => [member, text])));

/** What each kind of authentication keeps; `undefined`: nothing. */
const credentials: Readonly<Record<string, Schema | undefined>> = {
  AAD: undefined,
  None: undefined,
  ApiKey: secrets("ConnectionApiKey", "key"),
  AccountKey: secrets("ConnectionAccountKey", "key"),
  AccessKey: secrets("ConnectionAccessKey", "accessKeyId", "secretAccessKey"),
  CustomKeys: object("CustomKeys", { keys: map("IDictionary`2", text) }),
  ManagedIdentity: secrets("ConnectionManagedIdentity", "clientId", "resourceId"),
  OAuth2: secrets(
    "ConnectionOAuth2",
    ..."authUrl clientId clientSecret developerToken password refreshToken tenantId username".split(" "),
  ),
  PAT: secrets("ConnectionPersonalAccessToken", "pat"),
  SAS: secrets("ConnectionSharedAccessSignature", "sas"),
  ServicePrincipal: secrets("ConnectionServicePrincipal", "clientId", "clientSecret", "tenantId"),
  UsernamePassword: secrets("ConnectionUsernamePassword", "password", "securityToken", "username"),
};

export const AUTH_TYPES: readonly string[] = Object.keys(credentials);

/** The body of a connection whose `authType` is this one of {@link AUTH_TYPES}. */
export function connection(authType: string): ObjectSchema {
  const kept = credentials[authType];
  return object(
    "ConnectionPropertiesV2BasicResource",
    {
      ...envelope,
      properties: object(
        `${authType}AuthTypeConnectionProperties`,
        {
          authType: oneOf(authType),
          category: categories,
          createdByWorkspaceArmId: readOnly,
          error: text,
          expiryTime: { kind: "string", pattern: /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/ },
          group: readOnly,
          isSharedToAll: boolean,
          metadata: map("IDictionary`2", text),
          peRequirement: oneOf("Required", "NotRequired", "NotApplicable"),
          peStatus: oneOf("Inactive", "Active", "NotApplicable"),
          sharedUserList: list(text),
          target: text,
          useWorkspaceManagedIdentity: boolean,
          ...(kept === undefined ? {} : { credentials: kept }),
        },
        { required: ["authType"] },
      ),
    },
    { required: ["properties"] },
  );
}
