/**
 * Privileged Identity Management: lets what requests have scheduled begin and end in business time, by the agenda and at
 * the latest when the next request comes. An assignment that begins is an ordinary role assignment; its end removes it.
 * What it does is done by PIM's own identity and told as such.
 *
 * A lock that stops the removal leaves the assignment in force and the schedule in state FailedAsResourceIsLocked; the
 * contract has that state, and whether Azure tries again isn't documented: here it doesn't. An assignment that somebody
 * removes past PIM leaves its schedule until the end.
 */
import type { Caller } from "../../identity/caller.ts";
import type { Agenda } from "../../platform/agenda.ts";
import { tenantId } from "../../platform/constants.ts";
import type { Schedule } from "../areas.ts";
import { uuid, type ResourceChange } from "../call.ts";
import { ArmRefusal } from "../errors.ts";
import { defined } from "../json.ts";
import { checkLocks } from "../locks.ts";
import type { RoleAssignment } from "../model.ts";
import { normalScope, roleGuid } from "../rbac.ts";
import type { State } from "../state.ts";
import { parseTarget } from "../target.ts";
import { PIM_RULES, type PimRules } from "./rules.ts";

const ASSIGNMENTS = "Microsoft.Authorization/roleAssignments";

/** The application MS-PIM and its service principal in the local tenant. */
export const PIM_CALLER: Caller = {
  oid: "b1e5c7d2-0f3a-4c61-9a57-3d2f5e8a9c40",
  type: "ServicePrincipal",
  appid: "01fc33a7-78ba-4d2f-a4b7-768e336e890e",
  roles: [],
};

export class Pim {
  readonly #state: State;
  readonly #clock: Agenda;
  readonly #random: () => number;
  readonly #onDue: () => void;
  rules: PimRules = PIM_RULES;
  #versionSeen = -1;
  #nextMs = Infinity;
  /** Of the request that is being served. */
  #changes: ResourceChange[] = [];

  /** `onDue` is called when something falls due on the agenda. */
  constructor(state: State, clock: Agenda, random: () => number, onDue: () => void) {
    this.#state = state;
    this.#clock = clock;
    this.#random = random;
    this.#onDue = onDue;
  }

  /** Puts what waits back on the agenda, after a start. */
  resume(): void {
    for (const schedule of this.#state.values("schedule")) this.plan(schedule);
  }

  clear(): void {
    this.rules = PIM_RULES;
    this.#changes = [];
  }

  /** Puts the next moment of a schedule on the agenda. */
  plan(schedule: Schedule): void {
    const dueMs = dueOf(schedule);
    if (dueMs === Infinity) return;
    this.#clock.schedule({ kind: "arm.pim", id: schedule.name, dueMs }, this.#onDue);
  }

  /** Begins and ends what is due, and returns the changes to tell. */
  runDue(nowMs: number): ResourceChange[] {
    const version = this.#state.version("schedule");
    if (version !== this.#versionSeen) {
      this.#nextMs = Math.min(Infinity, ...[...this.#state.values("schedule")].map(dueOf));
      this.#versionSeen = version;
    }
    if (this.#nextMs > nowMs) return [];
    // One that begins and ends in the same leap of time is done twice.
    for (const step of ["begin", "end"] as const) {
      for (const schedule of this.#state.values("schedule")) {
        const began = schedule.instance !== undefined;
        if (dueOf(schedule) > nowMs || began !== (step === "end")) continue;
        this.#state.atomically(() => (began ? this.end(schedule, dueOf(schedule)) : this.begin(schedule)));
      }
    }
    return this.takeChanges();
  }

  /** What has been done since it was last asked. */
  takeChanges(): ResourceChange[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /** Inside a transaction: the schedule's time has come. Returns it as it is now; undefined when it couldn't begin. */
  begin(schedule: Schedule): Schedule | undefined {
    const instance = uuid(this.#random);
    const assignmentId = `${schedule.scope}/providers/${ASSIGNMENTS}/${instance}`;
    if (schedule.family === "Assignment") {
      if (this.assigned(schedule.scope, schedule.role, schedule.principalId) !== undefined) {
        this.#state.delete("schedule", schedule.name);
        this.#setStatus(schedule.requestId, "Failed");
        return undefined;
      }
      this.#state.put("roleAssignment", assignmentId.toLowerCase(), assignmentOf(schedule, instance, assignmentId));
      this.#tell(assignmentId, "Write", schedule.startMs);
    }
    const active = {
      ...schedule,
      instance,
      status: "Provisioned",
      ...(schedule.family === "Assignment" ? { assignmentId: assignmentId.toLowerCase() } : {}),
    };
    this.#state.put("schedule", schedule.name, active);
    this.#setStatus(schedule.requestId, "Provisioned");
    this.plan(active);
    return active;
  }

  /** Inside a transaction: takes away what the schedule has given. Returns whether it could. */
  end(schedule: Schedule, atMs: number): boolean {
    const { assignmentId } = schedule;
    const assignment = assignmentId === undefined ? undefined : this.#state.get("roleAssignment", assignmentId);
    if (assignmentId !== undefined && assignment !== undefined) {
      if (this.#locked(assignment.id)) {
        this.#state.put("schedule", schedule.name, { ...schedule, status: LOCKED, updatedMs: atMs });
        this.#setStatus(schedule.requestId, LOCKED);
        return false;
      }
      this.#state.delete("roleAssignment", assignmentId);
      this.#tell(assignment.id, "Delete", atMs);
    }
    this.#state.delete("schedule", schedule.name);
    return true;
  }

  /** A role assignment of these three, whoever made it. */
  assigned(scope: string, role: string, principalId: string): RoleAssignment | undefined {
    return [...this.#state.values("roleAssignment")].find(
      ({ properties }) =>
        roleGuid(properties.roleDefinitionId) === role &&
        properties.principalId.toLowerCase() === principalId.toLowerCase() &&
        normalScope(properties.scope) === normalScope(scope),
    );
  }

  #locked(assignmentId: string): boolean {
    try {
      checkLocks(this.#state, parseTarget("DELETE", assignmentId), "DELETE");
      return false;
    } catch (error) {
      if (error instanceof ArmRefusal && error.code === "ScopeLocked") return true;
      throw error;
    }
  }

  #setStatus(requestId: string, status: string): void {
    const request = this.#state.get("scheduleRequest", requestId.toLowerCase());
    if (request === undefined || request.properties.status === status) return;
    const properties = { ...request.properties, status };
    this.#state.put("scheduleRequest", requestId.toLowerCase(), { ...request, properties });
  }

  #tell(assignmentId: string, action: "Write" | "Delete", atMs: number): void {
    const target = parseTarget("PUT", assignmentId);
    this.#changes.push({
      subscriptionId: target.subscriptionId ?? "",
      tenantId,
      resourceId: assignmentId,
      resourceGroup: target.resourceGroup ?? "",
      provider: "Microsoft.Authorization",
      operationName: `${ASSIGNMENTS}/${action.toLowerCase()}`,
      action,
      outcome: "Success",
      method: action === "Write" ? "PUT" : "DELETE",
      url: `https://management.azure.com${assignmentId}?api-version=2022-04-01`,
      caller: PIM_CALLER,
      correlationId: uuid(this.#random),
      atMs,
    });
  }
}

const LOCKED = "FailedAsResourceIsLocked";

function dueOf({ instance, startMs, endMs, status }: Schedule): number {
  if (status === LOCKED) return Infinity;
  return instance === undefined ? startMs : (endMs ?? Infinity);
}

function assignmentOf(schedule: Schedule, name: string, id: string): RoleAssignment {
  const at = new Date(schedule.startMs).toISOString();
  return {
    id,
    name,
    type: ASSIGNMENTS,
    properties: defined({
      roleDefinitionId: schedule.roleDefinitionId,
      principalId: schedule.principalId,
      principalType: schedule.principalType,
      scope: schedule.scope,
      condition: schedule.condition,
      conditionVersion: schedule.conditionVersion,
      createdOn: at,
      updatedOn: at,
      createdBy: PIM_CALLER.oid,
      updatedBy: PIM_CALLER.oid,
    }) as RoleAssignment["properties"],
  };
}
