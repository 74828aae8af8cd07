/**
 * What can go wrong where: the combinations of place, kind and phase that have an effect. Whatever isn't here is refused
 * when it is asked for, so that no test believes in a fault that never strikes.
 *
 * - status, drop: before the effect nothing has happened; after it everything has, and the caller doesn't know.
 * - delay: before the effect, or between it and the answer; in business time.
 * - crash: kills the host that made the request, at that phase.
 * - duplicate, reorder, staleRead: of what an engine does inside, so only instead of the plain effect.
 */
import type { Fault, FaultKind, FaultPhase, FaultPlace } from "./faults.ts";

type Kinds = Readonly<Partial<Record<FaultKind, readonly FaultPhase[]>>>;

const around: readonly FaultPhase[] = ["beforeEffect", "afterEffect"];
const anywhere: readonly FaultPhase[] = ["beforeEffect", "afterEffect", "afterResponse"];
const inside: readonly FaultPhase[] = ["beforeEffect"];

/** Of one HTTP exchange. */
const exchange: Kinds = { status: around, delay: around, drop: around, crash: anywhere };

/** The places that have an engine, and what can strike there. */
export const faultTable: Readonly<Partial<Record<FaultPlace, Kinds>>> = {
  arm: { ...exchange, duplicate: inside, staleRead: inside },
  cosmos: { ...exchange, duplicate: inside },
  // The connection can also be cut once the answer is on its way; duplicate and reorder are of messages.
  servicebus: { ...exchange, drop: anywhere, duplicate: inside, reorder: inside },
  // Of deliveries; of requests to the custom topic (method POST) those of an exchange.
  eventgrid: { ...exchange, delay: inside, duplicate: inside, reorder: inside },
  directory: exchange,
  issuer: exchange,
  identity: exchange,
  // Of turns and activities; only an activity can be run twice.
  durable: { delay: around, crash: anywhere, duplicate: inside },
};

/** Why a fault can strike nowhere: the property that is wrong and what was expected of it. Undefined when it can. */
export function impossible({
  where,
  kind,
  phase,
}: Pick<Fault, "where" | "kind" | "phase">): { property: "where" | "kind" | "phase"; expected: string } | undefined {
  const kinds = faultTable[where];
  if (kinds === undefined) {
    const places = Object.keys(faultTable).join(", ");
    return { property: "where", expected: `expected a place that has a local engine: ${places}` };
  }
  const phases = kinds[kind];
  if (phases === undefined) {
    const possible = Object.entries(kinds).map(([name, some]) => `${name} (${some.join(", ")})`);
    return { property: "kind", expected: `expected a kind that can strike at ${where}: ${possible.join(", ")}` };
  }
  if (phases.includes(phase)) return undefined;
  return { property: "phase", expected: `expected a phase of ${kind} at ${where}: ${phases.join(", ")}` };
}
