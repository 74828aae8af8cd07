/**
 * Passes that an earlier version began must go on under this one: each recorded history, replayed through the real
 * orchestrator, must ask for exactly what it asked for then.
 */
import "../support/functionsCore.ts";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { invoke } from "../support/functionsCore.ts";
import { call, orchestration, type OrchestrationContext, type Orchestration } from "../../functions/durable.ts";
import "../../functions/writer/reconcile.orchestrator.ts";
import "../../functions/writer/sweep.orchestrator.ts";
import { cases } from "./cases.ts";

interface Recording {
  readonly payload: { readonly history: readonly { readonly EventType: number; readonly Name?: string }[] };
  readonly state: {
    readonly isDone: boolean;
    readonly actions: readonly (readonly unknown[])[];
    readonly output: unknown;
  };
}

const folder = join(import.meta.dirname, "histories");

function recordingsOf(orchestration: string): (readonly [string, Recording])[] {
  return readdirSync(join(folder, orchestration)).map(
    (file) =>
      [
        file.replace(".json", ""),
        JSON.parse(readFileSync(join(folder, orchestration, file), "utf8")) as Recording,
      ] as const,
  );
}

const TASK_SCHEDULED = 4;
const EXECUTION_STARTED = 0;

async function replay(name: string, payload: Recording["payload"]): Promise<unknown> {
  return JSON.parse(JSON.stringify(await invoke(name, JSON.stringify(payload))));
}

orchestration("swapped", function* (context: OrchestrationContext): Orchestration {
  yield* call(context, "settle", {});
  yield* call(context, "look", {});
  return null;
});

describe.each(Object.keys(cases))("recorded histories of %s", (orchestrated) => {
  const recordings = recordingsOf(orchestrated);

  it("exist for every course", () => {
    const names = new Set(recordings.map(([name]) => name.replace(/^[\d.]+-/, "")));
    expect([...names].sort()).toEqual(Object.keys(cases[orchestrated] ?? {}).sort());
  });

  it.each(recordings)("%s goes on as it began", async (_name, { payload, state }) => {
    expect(await replay(orchestrated, payload)).toEqual(state);
    expect(state.isDone).toBe(true);
    expect(payload.history.some(({ EventType }) => EventType === TASK_SCHEDULED)).toBe(true);
  });

  it.each(recordings)("%s shows another orchestrator under its name", async (_name, { payload, state }) => {
    const history = payload.history.map((event) =>
      event.EventType === EXECUTION_STARTED ? { ...event, Name: "swapped" } : event,
    );
    let answer: unknown;
    try {
      answer = await replay("swapped", { ...payload, history });
    } catch (error) {
      answer = error;
    }
    expect(answer).not.toEqual(state);
  });
});
