/** What a scenario lays down: the estate, the people, and the documents that the product starts with. */
import type { Config } from "../../../shared/config/schema.ts";

export interface ScenarioOptions {
  /** The same seed gives the same scenario, to the byte. */
  readonly seed: number;
  /** Business time when it is laid, milliseconds since the epoch. */
  readonly nowMs: number;
  /** Changes to the product's configuration: objects are merged, everything else is replaced. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** A resource as ARM shows it. */
export interface SeedResource {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

export interface SeedSubscription {
  /** GUID. */
  readonly id: string;
  readonly name: string;
  /** Landing zone archetype. */
  readonly archetype: "corp" | "online";
}

export interface SeedPerson {
  readonly oid: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly team: string;
}

export interface SeedServicePrincipal {
  readonly oid: string;
  readonly appid: string;
  readonly name: string;
  /** Application permissions of Microsoft Graph. */
  readonly graph?: readonly string[];
}

export interface SeedRoleAssignment {
  readonly scope: string;
  readonly principalId: string;
  readonly principalType: "User" | "ServicePrincipal";
  /** GUID of the role definition. */
  readonly role: string;
}

export interface SeedDocument {
  readonly container: string;
  readonly document: { readonly id: string; readonly pk: string; readonly [property: string]: unknown };
}

export interface Scenario {
  /** Business time when it was laid, milliseconds since the epoch. */
  readonly laidMs: number;
  readonly subscriptions: readonly SeedSubscription[];
  readonly resourceGroups: readonly SeedResource[];
  readonly resources: readonly SeedResource[];
  readonly roleAssignments: readonly SeedRoleAssignment[];
  readonly people: readonly SeedPerson[];
  readonly servicePrincipals: readonly SeedServicePrincipal[];
  readonly documents: readonly SeedDocument[];
  readonly config: Config;
}
