/** What the engine keeps of the areas beside Microsoft.CognitiveServices: monitoring, policy, networking, PIM. */
import type { JsonObject } from "./json.ts";
import type { SystemData, Tags } from "./model.ts";

/** A resource of a resource group whose properties are kept as they were put: alerts, action groups, workspaces, endpoints. */
export interface TrackedResource {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly location: string;
  readonly etag?: string;
  readonly tags?: Tags;
  readonly properties: JsonObject;
}

export interface DiagnosticSetting {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly properties: JsonObject & {
    readonly workspaceId?: string;
    readonly logs: readonly CategorySetting[];
    readonly metrics: readonly CategorySetting[];
  };
}

export interface CategorySetting extends JsonObject {
  readonly category?: string;
  readonly categoryGroup?: string;
  readonly enabled: boolean;
}

/** A policy assignment or exemption: an extension resource whose properties are kept as they were put. */
export interface PolicyResource {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly location?: string;
  readonly identity?: JsonObject;
  readonly properties: JsonObject;
  readonly systemData: SystemData;
}

/** The private DNS zones that an endpoint's names are kept in. */
export interface ZoneGroup {
  readonly id: string;
  readonly name: string;
  readonly etag: string;
  readonly properties: JsonObject;
}

export interface ScheduleRequest {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly properties: JsonObject & { readonly status: string; readonly createdOn: string };
}

/** What PIM granted or will grant, from its first request on; ended ones are gone. */
export interface Schedule {
  readonly family: "Assignment" | "Eligibility";
  /** GUID. */
  readonly name: string;
  /** In the spelling of the resource that it names. */
  readonly scope: string;
  /** GUID of the role definition. */
  readonly role: string;
  readonly roleDefinitionId: string;
  readonly principalId: string;
  readonly principalType: string;
  /** ID of the request that made or last changed it. */
  readonly requestId: string;
  readonly activated: boolean;
  /** Name of the eligibility's schedule that was activated. */
  readonly eligibility?: string;
  readonly condition?: string;
  readonly conditionVersion?: string;
  readonly status: string;
  readonly startMs: number;
  /** Absent: without end. */
  readonly endMs?: number;
  /** GUID of the instance, once it has begun. */
  readonly instance?: string;
  /** Lower-case ID of the role assignment that is in force; assignments only. */
  readonly assignmentId?: string;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** By lower-case resource ID unless the comment says otherwise. */
export interface AreaTables {
  tracked: TrackedResource;
  diagnosticSetting: DiagnosticSetting;
  zoneGroup: ZoneGroup;
  policyAssignment: PolicyResource;
  policyExemption: PolicyResource;
  scheduleRequest: ScheduleRequest;
  /** By name, lower case. */
  schedule: Schedule;
}

export const areaKinds = [
  "tracked",
  "diagnosticSetting",
  "zoneGroup",
  "policyAssignment",
  "policyExemption",
  "scheduleRequest",
  "schedule",
] as const satisfies readonly (keyof AreaTables)[];
