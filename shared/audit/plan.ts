/** What would happen about a failure: whether it is written or asked first, by which request, and what stands against it. */
import type { Config, Mode, SubscriptionSetting } from "../config/schema.ts";
import type { Body } from "../desired/compare.ts";
import { effectiveMode, frozenAt, gate, type GateInput } from "../desired/gate.ts";
import type { Judgement } from "../desired/judgement.ts";
import { writeOf, type Write } from "../desired/request.ts";
import { isOwned, ownedAt } from "../desired/terms.ts";
import { subscriptionOf, type ResourceId } from "../estate/resourceId.ts";
import type { Json } from "../kernel/canonicalJson.ts";
import { SteelyardError } from "../kernel/errors.ts";
import type { Change, Plan } from "./verdict.ts";

export interface PlanInput {
  readonly judgement: Judgement;
  /** Account. */
  readonly key: ResourceId;
  readonly changes: readonly Change[];
  /** Body of what is written; undefined when it is not there. */
  readonly written: Body | undefined;
  /** What people call what is written. */
  readonly at: string;
  /** Undefined without a configuration: the remedy's safety class alone decides then. */
  readonly mode: Mode | undefined;
  readonly setting: SubscriptionSetting | undefined;
  readonly config: Config | undefined;
  readonly environment: string;
  readonly nowMs: number;
}

const methods: Readonly<Record<Write["kind"], string>> = {
  patch: "PATCH",
  put: "PUT",
  delete: "DELETE",
  pause: "POST",
  resume: "POST",
  tags: "PATCH",
};

/** What a remedy's safety class comes to. */
export const classes = {
  S: "Its remedy is safe to do unasked.",
  R: "Its remedy can cut traffic or is hard to take back: it is never done without a person.",
  X: "It has no remedy of ours: a person has to put it right.",
} as const;

export function planOf(input: PlanInput): Plan {
  const { judgement, changes, mode, config } = input;
  const { safety, unmet, askOf } = judgement;
  // What concerns a person is never decided without anybody.
  const asked = askOf !== null && safety === "S" ? "R" : safety;
  const head = classes[asked];
  if (changes.length === 0) return none([unmet ?? head], []);
  if (config !== undefined && mode !== undefined) return configured(input, { config, mode, safety: asked }, head);
  if (unmet !== undefined) return none([head, unmet], changes);
  const will = asked === "S" ? "write" : asked === "R" ? "ask" : "none";
  return will === "none" ? none([head], changes) : made(input, will, [head]);
}

interface Settings {
  readonly config: Config;
  readonly mode: Mode;
  readonly safety: Judgement["safety"];
}

/** As the product's own gate would decide, without what only its records tell: claims, budgets used, flapping. */
function configured(input: PlanInput, { config, mode, safety }: Settings, head: string): Plan {
  const { judgement, changes, setting, environment, nowMs } = input;
  const { unmet, standard, target } = judgement;
  const place = { subscriptionId: subscriptionOf(target), environment, standard: standard.id };
  const owned = ownedAt(config, place);
  const gated = {
    mode,
    safety,
    enrolment: setting?.level,
    paused: config.paused,
    unmet,
    putsBack: false,
    owned: changes.map(({ path }) => path).filter((path) => isOwned(owned, path)),
    pipeline: undefined,
    flapping: undefined,
  };
  const decided = gate(gated);
  const told = modeText(gated);
  const frozen = frozenAt(config.freezes, place, nowMs);
  const waits = frozen === undefined ? [] : [`Nothing is written during "${frozen.name}".`];
  switch (decided.kind) {
    case "report":
      return none([told, head, ...(unmet === undefined ? [] : [unmet])], changes);
    case "hold":
      return none([told, head, decided.message], changes);
    case "ask":
      return made(input, "ask", [told, head, ...waits]);
    case "proceed":
      return made(input, "write", [told, head, ...waits]);
  }
}

/** How far it goes there, and what of the mode is left where remedy and subscription do not go as far. */
function modeText(gated: Pick<GateInput, "mode" | "safety" | "enrolment" | "putsBack">): string {
  const { mode, enrolment } = gated;
  if (enrolment === undefined) return "Its subscription is not enrolled.";
  const effective = effectiveMode(gated);
  if (effective === mode) return `Its mode there is ${mode}.`;
  const why = effectiveMode({ ...gated, enrolment: "enforce" }) === effective ? "its remedy" : "its subscription";
  return `Its mode there is ${mode}; ${why} goes as far as ${effective}.`;
}

function none(because: readonly string[], changes: readonly Change[]): Plan {
  return { will: "none", because, request: null, changes: shown(changes) };
}

function shown(changes: readonly Change[]): Change[] {
  return changes.map(({ path, before, after }) => ({ path, before, after }));
}

function made(input: PlanInput, will: Plan["will"], because: readonly string[]): Plan {
  const { judgement, key, changes, at, written } = input;
  const fields = shown(changes);
  try {
    const write = writeOf(key, { target: judgement.remedyTarget, fields }, written);
    const action = write.kind === "pause" || write.kind === "resume" ? `/${write.kind}` : "";
    const target = write.kind === "tags" ? `${at}/providers/Microsoft.Resources/tags/default` : `${at}${action}`;
    return { will, because, request: { method: methods[write.kind], target, body: bodyOf(write) }, changes: fields };
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    // Only a standard of one's own can demand what no one request can make.
    return none([...because, `No one request makes this change: ${error.message}.`], changes);
  }
}

function bodyOf(write: Write): Json {
  if (write.kind === "patch" || write.kind === "put") return write.body;
  if (write.kind === "tags") return { operation: write.operation, properties: { tags: write.tags } };
  return null;
}
