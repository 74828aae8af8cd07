/** What a scenario lays down: the estate, the people, and the documents that the product starts with. */
import type { Config } from "../../../shared/config/schema.ts";
import type { SeedEstate } from "../arm/seed.ts";
import type { Day } from "./day.ts";

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
  readonly mail?: string;
  readonly roles: readonly string[];
  readonly team: string;
  /** Without it, true. */
  readonly enabled?: boolean;
}

export interface SeedGroup {
  readonly id: string;
  readonly name: string;
  readonly mail: string;
  /** Object IDs of people, service principals and groups. */
  readonly members: readonly string[];
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
  readonly principalType: "User" | "Group" | "ServicePrincipal";
  /** GUID of the role definition. */
  readonly role: string;
}

export interface SeedDocument {
  readonly container: string;
  readonly document: { readonly id: string; readonly pk: string; readonly [property: string]: unknown };
}

/** Something that a scenario laid against a standard, on purpose. Tests compare findings with these, exactly. */
export interface Breach {
  /** For example `NET-01`. */
  readonly standard: string;
  /** What is wrong, lower-case ID. */
  readonly target: string;
  /** Where its remedy writes, lower-case ID; a resource that is not there yet where something is missing. */
  readonly at: string;
  /** What stands there, by path; null where nothing does. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Something that is right and looks wrong. */
export interface Lookalike {
  /** Lower-case ID. */
  readonly target: string;
  readonly why: string;
}

/** What of ARM's seed a scenario may leave to the engine. */
type Surroundings = Pick<SeedEstate, "roleDefinitions" | "quotas" | "models" | "late" | "metrics">;

export interface Scenario extends Surroundings {
  /** Business time when it was laid, milliseconds since the epoch. */
  readonly laidMs: number;
  readonly subscriptions: readonly Pick<SeedSubscription, "id" | "name">[];
  readonly resourceGroups: readonly SeedResource[];
  readonly resources: readonly SeedResource[];
  readonly roleAssignments: readonly SeedRoleAssignment[];
  readonly people: readonly SeedPerson[];
  readonly groups: readonly SeedGroup[];
  readonly servicePrincipals: readonly SeedServicePrincipal[];
  readonly documents: readonly SeedDocument[];
  readonly config: Config;
  /** Everything that is not as the standards want it; every other resource is right. Undefined where nobody counted. */
  readonly breaches?: readonly Breach[];
  readonly lookalikes?: readonly Lookalike[];
  /** What colleagues and pipelines do by themselves as time goes by. */
  readonly day?: Day;
}
