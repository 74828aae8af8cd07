/** What a standard may judge: types of resources, and the list of a sight that each stands in. */
import type { MemberKind } from "../estate/sight.ts";

/** Types that an imported policy is asked about; one that names no type would else have everything around accounts read. */
export const policyTypes = [
  "Microsoft.CognitiveServices/accounts",
  "Microsoft.CognitiveServices/accounts/deployments",
  "Microsoft.CognitiveServices/accounts/raiPolicies",
] as const;

export const resourceTypes = [
  ...policyTypes,
  "Microsoft.CognitiveServices/accounts/projects",
  "Microsoft.CognitiveServices/accounts/connections",
  "Microsoft.Network/privateEndpoints",
  "Microsoft.Authorization/roleAssignments",
] as const;

export type ResourceType = (typeof resourceTypes)[number];

interface Judged {
  /** Undefined for the account itself. */
  readonly kind: MemberKind | undefined;
  /** As people call them. */
  readonly named: string;
  /** Another type that is one for whoever judges. */
  readonly also?: string;
}

export const judged: Readonly<Record<ResourceType, Judged>> = {
  "Microsoft.CognitiveServices/accounts": { kind: undefined, named: "accounts" },
  "Microsoft.CognitiveServices/accounts/deployments": { kind: "deployments", named: "deployments of accounts" },
  "Microsoft.CognitiveServices/accounts/raiPolicies": {
    kind: "raiPolicies",
    named: "content filter policies of accounts",
  },
  "Microsoft.CognitiveServices/accounts/projects": { kind: "projects", named: "projects of accounts" },
  "Microsoft.CognitiveServices/accounts/connections": {
    kind: "connections",
    named: "connections of accounts and of their projects",
    also: "Microsoft.CognitiveServices/accounts/projects/connections",
  },
  "Microsoft.Network/privateEndpoints": { kind: "privateEndpoints", named: "private endpoints of accounts" },
  "Microsoft.Authorization/roleAssignments": {
    kind: "roleAssignments",
    named: "role assignments at accounts and below them",
  },
};
