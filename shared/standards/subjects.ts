/** What a standard may judge: types of resources, and the list of a sight that each stands in. */
import type { MemberKind } from "../estate/sight.ts";

export const resourceTypes = [
  "Microsoft.CognitiveServices/accounts",
  "Microsoft.CognitiveServices/accounts/deployments",
  "Microsoft.CognitiveServices/accounts/raiPolicies",
] as const;

export type ResourceType = (typeof resourceTypes)[number];

interface Judged {
  /** Undefined for the account itself. */
  readonly kind: MemberKind | undefined;
  /** As people call them. */
  readonly named: string;
}

export const judged: Readonly<Record<ResourceType, Judged>> = {
  "Microsoft.CognitiveServices/accounts": { kind: undefined, named: "accounts" },
  "Microsoft.CognitiveServices/accounts/deployments": { kind: "deployments", named: "deployments of accounts" },
  "Microsoft.CognitiveServices/accounts/raiPolicies": {
    kind: "raiPolicies",
    named: "content filter policies of accounts",
  },
};
