/**
 * The official example requests that the local ARM refuses, why, and with which error. Names and reasons only; the
 * examples lie beside the repository. test/wire/armExamples.test.ts holds the list to be exact: whoever implements an
 * operation takes its examples out, and whoever changes an error changes it here.
 */
export interface RefusedExamples {
  readonly reason: string;
  /** The code of the error that is answered. */
  readonly code: string;
  /** `PROVIDER/NAME#STATUS`: the example's file and the documented status that it belongs to. */
  readonly examples: readonly string[];
}

const of = (provider: string, names: string): string[] => names.split(/\s+/).map((name) => `${provider}/${name}`);

export const refusedExamples: readonly RefusedExamples[] = [
  {
    reason: "not implemented, the product does not call it: commitment plans are bought for accounts of older kinds",
    code: "InvalidResourceType",
    examples: [
      ...of(
        "Microsoft.CognitiveServices",
        `CreateSharedCommitmentPlan#200 CreateSharedCommitmentPlan#201 CreateSharedCommitmentPlanAssociation#200
         CreateSharedCommitmentPlanAssociation#201 DeleteCommitmentPlan#200 DeleteCommitmentPlan#202
         DeleteCommitmentPlan#204 DeleteSharedCommitmentPlan#200 DeleteSharedCommitmentPlan#202
         DeleteSharedCommitmentPlan#204 DeleteSharedCommitmentPlanAssociation#200
         DeleteSharedCommitmentPlanAssociation#202 DeleteSharedCommitmentPlanAssociation#204 GetCommitmentPlan#200
         GetSharedCommitmentPlan#200 GetSharedCommitmentPlanAssociation#200 ListCommitmentPlans#200
         ListCommitmentTiers#200 ListSharedCommitmentPlanAssociations#200
         ListSharedCommitmentPlansByResourceGroup#200 ListSharedCommitmentPlansBySubscription#200
         PutCommitmentPlan#200 PutCommitmentPlan#201 UpdateSharedCommitmentPlan#200 UpdateSharedCommitmentPlan#202`,
      ),
    ],
  },
  {
    reason: "not implemented, the product does not call it: keys are judged on the account",
    code: "InvalidResourceType",
    examples: [
      ...of(
        "Microsoft.CognitiveServices",
        `DeleteEncryptionScope#202 DeleteEncryptionScope#204 GetEncryptionScope#200 ListEncryptionScopes#200
         PutEncryptionScope#200 PutEncryptionScope#201`,
      ),
    ],
  },
  {
    reason: "not implemented, the product does not call it: standards judge which filters there are, not their words",
    code: "InvalidResourceType",
    examples: [
      ...of(
        "Microsoft.CognitiveServices",
        `AddRaiBlocklistItems#200 DeleteRaiBlocklist#202 DeleteRaiBlocklist#204 DeleteRaiBlocklistItem#202
         DeleteRaiBlocklistItem#204 DeleteRaiBlocklistItems#204 GetRaiBlocklist#200 GetRaiBlocklistItem#200
         ListBlocklistItems#200 ListBlocklists#200 PutRaiBlocklist#200 PutRaiBlocklist#201 PutRaiBlocklistItem#200
         PutRaiBlocklistItem#201`,
      ),
    ],
  },
  {
    reason: "not implemented, the product does not call it: standards name the filters that they mean",
    code: "InvalidResourceType",
    examples: [...of("Microsoft.CognitiveServices", `GetRaiContentFilter#200 ListRaiContentFilters#200`)],
  },
  {
    reason: "not implemented, the product does not call it: no standard judges network security perimeters",
    code: "InvalidResourceType",
    examples: [
      ...of(
        "Microsoft.CognitiveServices",
        `GetNetworkSecurityPerimeterConfigurations#200 ListNetworkSecurityPerimeterConfigurations#200
         ReconcileNetworkSecurityPerimeterConfigurations#200 ReconcileNetworkSecurityPerimeterConfigurations#202`,
      ),
    ],
  },
  {
    reason: "not implemented, the product does not call it: endpoints are judged by their connections",
    code: "InvalidResourceType",
    examples: ["Microsoft.CognitiveServices/ListPrivateLinkResources#200"],
  },
  {
    reason: "not implemented, the product does not call it: it makes no account, so it needs no SKUs of accounts",
    code: "InvalidResourceType",
    examples: [...of("Microsoft.CognitiveServices", `CheckSkuAvailability#200 GetSkus#200 ListSkus#200`)],
  },
  {
    reason: "not implemented, the product does not call it: the operations of a provider",
    code: "InvalidResourceType",
    examples: [
      "Microsoft.Authorization/ListProviderOperations#200",
      "Microsoft.CognitiveServices/GetOperations#200",
      "Microsoft.ResourceGraph/OperationsList#200",
    ],
  },
  {
    reason:
      "not implemented, the product does not call it: what is allowed is told by role assignments and by refusals",
    code: "InvalidResourceType",
    examples: [
      ...of(
        "Microsoft.Authorization",
        `GetAllDenyAssignments#200 GetDenyAssignmentByNameId#200 GetDenyAssignmentByScope#200
         GetDenyAssignmentsForResource#200 GetDenyAssignmentsForResourceGroup#200 GetPermissions#200
         GetResourcePermissions#200`,
      ),
    ],
  },
  {
    reason: "management groups are not modelled: the tenant is the one scope above subscriptions",
    code: "InvalidResourceType",
    examples: ["Microsoft.Authorization/listPolicyAssignmentsForManagementGroup#200"],
  },
  {
    reason: "not implemented, the product does not call it: receivers and test notifications of action groups",
    code: "InvalidResourceType",
    examples: [
      ...of(
        "Microsoft.Insights",
        `enableReceiver#200 enableReceiver#409 getTestNotificationsAtActionGroupResourceLevel#200
         postTestNotificationsAtActionGroupResourceLevel#200 postTestNotificationsAtActionGroupResourceLevel#202`,
      ),
    ],
  },
  {
    reason: "not implemented, the product does not call it: alerts are kept, not fired, so they have no status",
    code: "InvalidResourceType",
    examples: [...of("Microsoft.Insights", `getMetricAlertStatus#200 getMetricAlertStatusByName#200`)],
  },
  {
    reason:
      "not implemented, the product does not call it: the product judges by itself instead of reading compliance states",
    code: "InvalidResourceNamespace",
    examples: [
      ...of(
        "Microsoft.PolicyInsights",
        `PolicyStates_FilterAndAggregateOnly#200 PolicyStates_FilterAndGroupByWithAggregate#200
         PolicyStates_FilterAndGroupByWithoutAggregate#200 PolicyStates_FilterAndMultipleGroups#200
         PolicyStates_QueryManagementGroupScope#200 PolicyStates_QueryManagementGroupScopeNextLink#200
         PolicyStates_QueryNestedResourceScope#200 PolicyStates_QueryResourceGroupLevelPolicyAssignmentScope#200
         PolicyStates_QueryResourceGroupLevelPolicyAssignmentScopeNextLink#200
         PolicyStates_QueryResourceGroupScope#200 PolicyStates_QueryResourceGroupScopeNextLink#200
         PolicyStates_QueryResourceScope#200 PolicyStates_QueryResourceScopeExpandComponents#200
         PolicyStates_QueryResourceScopeExpandComponentsGroupByWithAggregate#200
         PolicyStates_QueryResourceScopeExpandPolicyEvaluationDetails#200
         PolicyStates_QueryResourceScopeNextLink#200 PolicyStates_QuerySubscriptionLevelNestedResourceScope#200
         PolicyStates_QuerySubscriptionLevelPolicyAssignmentScope#200
         PolicyStates_QuerySubscriptionLevelPolicyAssignmentScopeNextLink#200
         PolicyStates_QuerySubscriptionLevelPolicyDefinitionScope#200
         PolicyStates_QuerySubscriptionLevelPolicyDefinitionScopeNextLink#200
         PolicyStates_QuerySubscriptionLevelPolicySetDefinitionScope#200
         PolicyStates_QuerySubscriptionLevelPolicySetDefinitionScopeNextLink#200
         PolicyStates_QuerySubscriptionLevelResourceScope#200 PolicyStates_QuerySubscriptionScope#200
         PolicyStates_QuerySubscriptionScopeNextLink#200 PolicyStates_SummarizeManagementGroupScope#200
         PolicyStates_SummarizeResourceGroupLevelPolicyAssignmentScope#200
         PolicyStates_SummarizeResourceGroupScope#200 PolicyStates_SummarizeResourceScope#200
         PolicyStates_SummarizeSubscriptionLevelPolicyAssignmentScope#200
         PolicyStates_SummarizeSubscriptionLevelPolicyDefinitionScope#200
         PolicyStates_SummarizeSubscriptionLevelPolicySetDefinitionScope#200
         PolicyStates_SummarizeSubscriptionScope#200 PolicyStates_SummarizeSubscriptionScopeForPolicyGroup#200
         PolicyStates_TimeRangeSortSelectTop#200 PolicyStates_TriggerResourceGroupEvaluation#200
         PolicyStates_TriggerResourceGroupEvaluation#202 PolicyStates_TriggerSubscriptionEvaluation#200
         PolicyStates_TriggerSubscriptionEvaluation#202`,
      ),
    ],
  },
  {
    reason: "not implemented, the product does not call it: policy assignments are read, scenarios make them",
    code: "MethodNotAllowed",
    examples: [
      ...of(
        "Microsoft.Authorization",
        `createPolicyAssignment#201 createPolicyAssignmentNonComplianceMessages#201
         createPolicyAssignmentWithIdentity#201 createPolicyAssignmentWithOverrides#201
         createPolicyAssignmentWithResourceSelectors#201 createPolicyAssignmentWithUserAssignedIdentity#201
         createPolicyAssignmentWithoutEnforcement#201 deletePolicyAssignment#200 deletePolicyAssignment#204
         updatePolicyAssignmentWithIdentity#200 updatePolicyAssignmentWithOverrides#200
         updatePolicyAssignmentWithResourceSelectors#200 updatePolicyAssignmentWithUserAssignedIdentity#200`,
      ),
    ],
  },
  {
    reason: "not implemented, the product does not call it: resource groups are read, scenarios make them",
    code: "MethodNotAllowed",
    examples: [...of("Microsoft.Resources", `CreateResourceGroup#200 CreateResourceGroup#201`)],
  },
  {
    reason: "the example's address names the metric definitions twice",
    code: "MissingSubscription",
    examples: [...of("Microsoft.Insights", `GetMetricDefinitions#200 GetMetricDefinitionsApplicationInsights#200`)],
  },
  {
    reason: "not implemented, the product does not call it: the registration of providers",
    code: "MissingSubscription",
    examples: [...of("Microsoft.Resources", `GetProvider#200 GetProviders#200`)],
  },
  {
    reason: "the example misspells its SKU ('ProvisinedManaged')",
    code: "InvalidResourceProperties",
    examples: ["Microsoft.CognitiveServices/CalculateModelCapacity#200"],
  },
  {
    reason: "the example's body is empty; a role needs properties",
    code: "InvalidRequestContent",
    examples: ["Microsoft.Authorization/PutRoleDefinition#201"],
  },
  {
    reason: "not implemented, the product does not call it: facets and management groups in queries",
    code: "InvalidRequestContent",
    examples: [...of("Microsoft.ResourceGraph", `ResourcesFacetQuery#200 ResourcesMgBasicQuery#200`)],
  },
  {
    reason: "not implemented, the product does not call it: alerts on web tests",
    code: "InvalidRequestContent",
    examples: ["Microsoft.Insights/createOrUpdateWebTestMetricAlert#200"],
  },
  {
    reason: "the example's skip token is a placeholder that no answer gave",
    code: "BadRequest",
    examples: ["Microsoft.ResourceGraph/ResourcesNextPageQuery#200"],
  },
  {
    reason: "the example asks for the metrics of a cache; what has metrics here is an account",
    code: "BadRequest",
    examples: ["Microsoft.Insights/GetMetricDefinitionsMetricClass#200"],
  },
  {
    reason: "the example's log categories are those of a workflow; what has settings here is an account",
    code: "BadRequest",
    examples: [
      ...of("Microsoft.Insights", `createOrUpdateDiagnosticSetting#200 createOrUpdateDiagnosticSettingCategory#200`),
    ],
  },
  {
    reason: "the example asks for a time long past; the activity log keeps 90 days",
    code: "BadRequest",
    examples: [...of("Microsoft.Insights", `GetActivityLogsFiltered#200 GetActivityLogsFilteredAndSelected#200`)],
  },
  {
    reason: "the example's log categories are those of a workflow; what has settings here is an account",
    code: "NotFound",
    examples: ["Microsoft.Insights/getDiagnosticSettingsCategory#200"],
  },
  {
    reason: "not implemented, the product does not call it: metrics of a whole region, metadata and roll-ups",
    code: "InvalidQueryParameter",
    examples: [
      "/MetricBatchExample2#200",
      "Microsoft.Insights/GetMultiResourceMetric#200 (2)",
      "Microsoft.Insights/GetMultiResourceMetricMetadata#200 (2)",
      ...of(
        "Microsoft.Insights",
        `GetMetric#200 GetMetricError#200 GetMetricMetadata#200 GetMultiResourceMetric#200
         GetMultiResourceMetricDefinitions#200 GetMultiResourceMetricMetadata#200 PostMultiResourceMetricBody#200`,
      ),
    ],
  },
  {
    reason: "the example activates a role for somebody who isn't the caller",
    code: "AuthorizationFailed",
    examples: [
      ...of(
        "Microsoft.Authorization",
        `PutRoleAssignmentScheduleRequest#201 ValidateRoleAssignmentScheduleRequestByName#200`,
      ),
    ],
  },
  {
    reason: "schedules get names of their own, which the example can't know",
    code: "RoleAssignmentScheduleNotFound",
    examples: ["Microsoft.Authorization/GetRoleAssignmentScheduleByName#200"],
  },
  {
    reason: "schedules get names of their own, which the example can't know",
    code: "RoleAssignmentScheduleInstanceNotFound",
    examples: ["Microsoft.Authorization/GetRoleAssignmentScheduleInstanceByName#200"],
  },
  {
    reason: "the example watches virtual machines and vaults, which the engine doesn't have",
    code: "ResourceNotFound",
    examples: [
      ...of(
        "Microsoft.Insights",
        `UpdateMetricAlert#200 createOrUpdateDynamicMetricAlertMultipleResource#200
         createOrUpdateDynamicMetricAlertSingleResource#200 createOrUpdateMetricAlertMultipleResource#200
         createOrUpdateMetricAlertResourceGroup#200 createOrUpdateMetricAlertSingleResource#200
         createOrUpdateMetricAlertSubscription#200 createOrUpdateMetricAlertWithDimensions#200`,
      ),
    ],
  },
  {
    reason: "the example asks for the metrics of storage accounts, which the engine doesn't have",
    code: "ResourceNotFound",
    examples: ["/MetricBatchExample#200"],
  },
];
