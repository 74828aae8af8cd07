/** What the platform asks of a host process, over its link, in the words of those who ask. */
import type { ClockState } from "../host/settings.ts";
import { LinkClosed, type HostCalls } from "../host/link.ts";
import type { HostProcess } from "../host/spawn.ts";
import type { BusyHost } from "./barrier.ts";
import type { HostClock } from "./clockControl.ts";
import type { Host } from "./supervisor.ts";
import type { TimerOutcome, TimerRequest } from "./timers.ts";

/** The durable engine's view of a host: where orchestrator turns and activities run. */
export interface BridgedWorker {
  readonly id: string;
  readonly orchestrators: ReadonlySet<string>;
  readonly activities: ReadonlySet<string>;
  runOrchestrator(name: string, instanceId: string, payload: string): Promise<string>;
  runActivity(
    name: string,
    instanceId: string,
    input: string | null,
  ): Promise<HostCalls["durable.activity"]["response"]>;
}

/** @param clock business time as the host has to have it */
export function durableWorker(host: Host, running: HostProcess, clock: () => ClockState): BridgedWorker {
  const named = (type: string): Set<string> =>
    new Set(host.functions.filter((one) => one.type === type).map((one) => one.name));
  return {
    id: `${host.name}#${host.starts}`,
    orchestrators: named("orchestrationTrigger"),
    activities: named("activityTrigger"),
    runOrchestrator: async (name, instanceId, payload) =>
      (await running.link.call("durable.orchestrator", { name, instanceId, payload, clock: clock() })).state,
    runActivity: (name, instanceId, input) =>
      running.link.call("durable.activity", { name, instanceId, input, clock: clock() }),
  };
}

export function hostClock(host: Host): HostClock {
  return {
    name: host.name,
    app: host.app,
    setClock: async (time, isMoving) => {
      const answer = await unlessGone(host.process?.link.call("clock.set", { ...time, isMoving }));
      return answer?.leases ?? 0;
    },
  };
}

export function busyHost(host: Host): BusyHost {
  return {
    name: host.name,
    busy: async () => {
      const answer = await unlessGone(host.process?.link.call("busy", null));
      return (answer?.inFlight ?? []).map(({ kind, id, sinceMs }) => ({
        kind: `${host.name}.${kind}`,
        id,
        sinceMs,
      }));
    },
  };
}

/** Runs one occurrence of a timer function on a host. */
export async function runTimer(
  host: Host | undefined,
  request: TimerRequest,
  clock: (host: Host) => ClockState,
): Promise<TimerOutcome | { failed: string }> {
  if (host === undefined) return "unavailable";
  const answer = await unlessGone(host.process?.link.call("timer", { ...request, clock: clock(host) }));
  if (answer === undefined) return "unavailable";
  return answer.ok ? "ran" : { failed: answer.message };
}

/** A host that went away answers nothing: undefined. */
async function unlessGone<T>(call: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof LinkClosed) return undefined;
    throw error;
  }
}
