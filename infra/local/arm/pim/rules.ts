/**
 * What a PIM request must fulfil. The limits are those of a role's policy as Azure creates it; a test or scenario may set
 * others. All rules that fail are told together: `The following policy rules failed: ["ExpirationRule"]`.
 */
import { parseDuration } from "../../platform/duration.ts";
import { ArmRefusal } from "../errors.ts";

export type Family = "Assignment" | "Eligibility";

export interface PimRules {
  /** Longest activation by an eligible person. */
  readonly activationMaxMs: number;
  /** Longest active assignment by an administrator; without an end is refused. */
  readonly assignmentMaxMs: number;
  /** Longest eligibility; without an end is taken (azurerm#22766). */
  readonly eligibilityMaxMs: number;
  /** Activations and active assignments need a justification. */
  readonly justification: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Defaults of Azure resource roles: 8 hours, 180 days, a year. */
export const PIM_RULES: PimRules = {
  activationMaxMs: 8 * HOUR_MS,
  assignmentMaxMs: 180 * DAY_MS,
  eligibilityMaxMs: 365 * DAY_MS,
  justification: true,
};

/** Shorter ones are refused, and nobody gives an activation back before. */
export const DURATION_MIN_MS = 5 * 60_000;

export interface ScheduleInfo {
  readonly startDateTime?: string;
  readonly expiration?: {
    readonly type?: "AfterDuration" | "AfterDateTime" | "NoExpiration";
    readonly endDateTime?: string;
    readonly duration?: string;
  };
}

export interface Window {
  readonly startMs: number;
  /** Undefined: without end. */
  readonly endMs: number | undefined;
}

/**
 * The time that a request asks for; a start in the past is now.
 * @throws ArmRefusal 400 where it contradicts itself or is over already.
 */
export function windowOf(info: ScheduleInfo | undefined, nowMs: number): Window {
  const { startDateTime, expiration = {} } = info ?? {};
  const startMs = Math.max(nowMs, startDateTime === undefined ? nowMs : instant(startDateTime, "startDateTime"));
  const { type = "NoExpiration", endDateTime, duration } = expiration;
  if (type === "NoExpiration") return { startMs, endMs: undefined };
  if (type === "AfterDateTime") {
    if (endDateTime === undefined) throw invalid("expiration.type AfterDateTime needs expiration.endDateTime.");
    return lasting(startMs, instant(endDateTime, "expiration.endDateTime"));
  }
  const lengthMs = duration === undefined ? undefined : parseDuration(duration);
  if (lengthMs === undefined || lengthMs <= 0) {
    throw invalid(`expiration.duration '${duration ?? ""}' is no ISO 8601 duration such as PT8H.`);
  }
  return lasting(startMs, startMs + lengthMs);
}

function lasting(startMs: number, endMs: number): Window {
  if (endMs - startMs >= DURATION_MIN_MS) return { startMs, endMs };
  throw tooShort();
}

export function tooShort(): ArmRefusal {
  return new ArmRefusal(
    400,
    "ActiveDurationTooShort",
    "The active duration is too short. Minimum required is 5 minutes.",
  );
}

function instant(text: string, where: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isFinite(ms)) return ms;
  throw invalid(`${where} '${text}' is no ISO 8601 time with a zone.`);
}

/** @throws ArmRefusal 400 RoleAssignmentRequestPolicyValidationFailed that names every rule. */
export function checkRules(
  rules: PimRules,
  asked: {
    readonly family: Family;
    readonly activation: boolean;
    readonly window: Window;
    readonly justification: string | undefined;
    /** An eligibility covers it; only asked of activations. */
    readonly eligible: boolean;
  },
): void {
  const { startMs, endMs } = asked.window;
  const maxMs =
    asked.family === "Eligibility"
      ? rules.eligibilityMaxMs
      : asked.activation
        ? rules.activationMaxMs
        : rules.assignmentMaxMs;
  const failed: string[] = [];
  if (asked.activation && !asked.eligible) failed.push("EligibilityRule");
  if (endMs === undefined ? asked.family === "Assignment" : endMs - startMs > maxMs) failed.push("ExpirationRule");
  const justified = (asked.justification ?? "").trim() !== "";
  if (rules.justification && asked.family === "Assignment" && !justified) failed.push("JustificationRule");
  if (failed.length === 0) return;
  throw new ArmRefusal(
    400,
    "RoleAssignmentRequestPolicyValidationFailed",
    `The following policy rules failed: ${JSON.stringify(failed)}`,
  );
}

export function invalid(message: string): ArmRefusal {
  return new ArmRefusal(400, "InvalidRoleAssignmentRequest", message);
}
