/**
 * The built-in roles that an Azure OpenAI estate meets, with the actions that Azure gives them (role list of August 2026).
 * Data actions are left out where they are long: the engine has no data plane.
 */
import type { RoleDefinition } from "./model.ts";

interface BuiltIn {
  readonly name: string;
  readonly id: string;
  readonly actions: readonly string[];
  readonly notActions?: readonly string[];
  readonly dataActions?: readonly string[];
}

const resourceGroupRead = "Microsoft.Resources/subscriptions/resourceGroups/read";

const cognitiveReaders = [
  "Microsoft.CognitiveServices/*/read",
  "Microsoft.CognitiveServices/accounts/listkeys/action",
  "Microsoft.Insights/alertRules/read",
  "Microsoft.Insights/diagnosticSettings/read",
  "Microsoft.Insights/logDefinitions/read",
  "Microsoft.Insights/metricdefinitions/read",
  "Microsoft.Insights/metrics/read",
  "Microsoft.ResourceHealth/availabilityStatuses/read",
  "Microsoft.Resources/subscriptions/operationresults/read",
  "Microsoft.Resources/subscriptions/read",
  resourceGroupRead,
  "Microsoft.Support/*",
];

const roles: readonly BuiltIn[] = [
  { name: "Owner", id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", actions: ["*"] },
  {
    name: "Contributor",
    id: "b24988ac-6180-42a0-ab88-20f7382dd24c",
    actions: ["*"],
    notActions: [
      "Microsoft.Authorization/*/Delete",
      "Microsoft.Authorization/*/Write",
      "Microsoft.Authorization/elevateAccess/Action",
      "Microsoft.Blueprint/blueprintAssignments/write",
      "Microsoft.Blueprint/blueprintAssignments/delete",
      "Microsoft.Compute/galleries/share/action",
      "Microsoft.Purview/consents/write",
      "Microsoft.Purview/consents/delete",
      "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
      "Microsoft.Subscription/cancel/action",
      "Microsoft.Subscription/enable/action",
    ],
  },
  { name: "Reader", id: "acdd72a7-3385-48ef-bd42-f606fba81ae7", actions: ["*/read"] },
  {
    name: "User Access Administrator",
    id: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    actions: ["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
  },
  {
    name: "Role Based Access Control Administrator",
    id: "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    actions: [
      "Microsoft.Authorization/roleAssignments/write",
      "Microsoft.Authorization/roleAssignments/delete",
      "*/read",
      "Microsoft.Support/*",
    ],
  },
  {
    name: "Locks Contributor",
    id: "28bf596f-4eb7-45ce-b5bc-6cf482fec137",
    actions: [
      "Microsoft.Authorization/locks/read",
      "Microsoft.Authorization/locks/write",
      "Microsoft.Authorization/locks/delete",
    ],
  },
  {
    name: "Tag Contributor",
    id: "4a9ae827-6dc8-4573-8ac7-8239d42aa03f",
    actions: [
      "Microsoft.Authorization/*/read",
      resourceGroupRead,
      "Microsoft.Resources/subscriptions/resourceGroups/resources/read",
      "Microsoft.Resources/subscriptions/resources/read",
      "Microsoft.Resources/deployments/*",
      "Microsoft.Insights/alertRules/*",
      "Microsoft.Support/*",
      "Microsoft.Resources/tags/*",
    ],
  },
  {
    name: "Cognitive Services Contributor",
    id: "25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68",
    actions: [
      "Microsoft.Authorization/*/read",
      "Microsoft.CognitiveServices/*",
      "Microsoft.Features/features/read",
      "Microsoft.Features/providers/features/read",
      "Microsoft.Features/providers/features/register/action",
      "Microsoft.Insights/alertRules/*",
      "Microsoft.Insights/diagnosticSettings/*",
      "Microsoft.Insights/logDefinitions/read",
      "Microsoft.Insights/metricdefinitions/read",
      "Microsoft.Insights/metrics/read",
      "Microsoft.ResourceHealth/availabilityStatuses/read",
      "Microsoft.Resources/deployments/*",
      "Microsoft.Resources/deployments/operations/read",
      "Microsoft.Resources/subscriptions/operationresults/read",
      "Microsoft.Resources/subscriptions/read",
      "Microsoft.Resources/subscriptions/resourcegroups/deployments/*",
      resourceGroupRead,
      "Microsoft.Support/*",
    ],
  },
  {
    name: "Cognitive Services OpenAI Contributor",
    id: "a001fd3d-188f-4b5d-821b-7da978bf7442",
    actions: [
      "Microsoft.CognitiveServices/*/read",
      "Microsoft.CognitiveServices/accounts/deployments/write",
      "Microsoft.CognitiveServices/accounts/deployments/delete",
      "Microsoft.CognitiveServices/accounts/raiPolicies/read",
      "Microsoft.CognitiveServices/accounts/raiPolicies/write",
      "Microsoft.CognitiveServices/accounts/raiPolicies/delete",
      "Microsoft.CognitiveServices/accounts/commitmentplans/read",
      "Microsoft.CognitiveServices/accounts/commitmentplans/write",
      "Microsoft.CognitiveServices/accounts/commitmentplans/delete",
      "Microsoft.Authorization/roleAssignments/read",
      "Microsoft.Authorization/roleDefinitions/read",
    ],
    dataActions: ["Microsoft.CognitiveServices/accounts/OpenAI/*"],
  },
  {
    name: "Cognitive Services OpenAI User",
    id: "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd",
    actions: [
      "Microsoft.CognitiveServices/*/read",
      "Microsoft.Authorization/roleAssignments/read",
      "Microsoft.Authorization/roleDefinitions/read",
    ],
    dataActions: ["Microsoft.CognitiveServices/accounts/OpenAI/*/read"],
  },
  {
    name: "Cognitive Services User",
    id: "a97b65f3-24c7-4388-baec-2e87135dc908",
    actions: [...cognitiveReaders, "Microsoft.Resources/deployments/operations/read"],
    dataActions: ["Microsoft.CognitiveServices/*"],
  },
  {
    name: "Foundry User",
    id: "53ca6127-db72-4b80-b1b0-d745d6d5456d",
    actions: ["Microsoft.Authorization/*/read", ...cognitiveReaders, "Microsoft.Resources/deployments/*"],
    dataActions: ["Microsoft.CognitiveServices/*"],
  },
  {
    name: "Cognitive Services Usages Reader",
    id: "bba48692-92b0-4667-a9ad-c31c7b334ac2",
    actions: ["Microsoft.CognitiveServices/locations/usages/read"],
  },
  {
    name: "Monitoring Contributor",
    id: "749f88d5-cbae-40b8-bcfc-e573ddc772fa",
    actions: [
      "*/read",
      "Microsoft.AlertsManagement/*",
      "Microsoft.Insights/actiongroups/*",
      "Microsoft.Insights/activityLogAlerts/*",
      "Microsoft.Insights/AlertRules/*",
      "Microsoft.Insights/components/*",
      "Microsoft.Insights/DiagnosticSettings/*",
      "Microsoft.Insights/eventtypes/*",
      "Microsoft.Insights/LogDefinitions/*",
      "Microsoft.Insights/metricalerts/*",
      "Microsoft.Insights/MetricDefinitions/*",
      "Microsoft.Insights/Metrics/*",
      "Microsoft.OperationalInsights/workspaces/write",
      "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
      "Microsoft.Support/*",
    ],
  },
  {
    name: "Log Analytics Contributor",
    id: "92aaf0da-9dab-42b6-94a3-d43ce8d16293",
    actions: [
      "*/read",
      "Microsoft.Insights/alertRules/*",
      "Microsoft.Insights/diagnosticSettings/*",
      "Microsoft.OperationalInsights/*",
      "Microsoft.Resources/deployments/*",
      "Microsoft.Support/*",
    ],
  },
  {
    name: "Network Contributor",
    id: "4d97b98b-1d4f-4787-a291-c67834d212e7",
    actions: [
      "Microsoft.Authorization/*/read",
      "Microsoft.Insights/alertRules/*",
      "Microsoft.Network/*",
      resourceGroupRead,
      "Microsoft.Support/*",
    ],
  },
  {
    name: "Resource Policy Contributor",
    id: "36243c78-bf99-498c-9df9-86d9f8d28608",
    actions: [
      "*/read",
      "Microsoft.Authorization/policyassignments/*",
      "Microsoft.Authorization/policydefinitions/*",
      "Microsoft.Authorization/policyexemptions/*",
      "Microsoft.Authorization/policysetdefinitions/*",
      "Microsoft.PolicyInsights/*",
      "Microsoft.Support/*",
    ],
  },
  {
    name: "Monitoring Reader",
    id: "43d0d8ad-25c7-4714-9337-8ba259a9fe05",
    actions: ["*/read", "Microsoft.OperationalInsights/workspaces/search/action", "Microsoft.Support/*"],
  },
];

/** Built-in definitions change rarely; one date stands for all. */
const BUILT_IN_DATE = "2026-08-22T00:00:00.0000000Z";

export const builtInRoles: readonly RoleDefinition[] = roles.map((role) => ({
  id: `/providers/Microsoft.Authorization/roleDefinitions/${role.id}`,
  name: role.id,
  type: "Microsoft.Authorization/roleDefinitions",
  properties: {
    roleName: role.name,
    type: "BuiltInRole",
    description: `Built-in role ${role.name}.`,
    assignableScopes: ["/"],
    permissions: [
      {
        actions: role.actions,
        notActions: role.notActions ?? [],
        dataActions: role.dataActions ?? [],
        notDataActions: [],
      },
    ],
    createdOn: BUILT_IN_DATE,
    updatedOn: BUILT_IN_DATE,
  },
}));
