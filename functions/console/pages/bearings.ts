/** What the frame says of the whole product: two point reads and the configuration, at most every ten seconds. */
import { readHeartbeat } from "../../../shared/reconcile/heartbeat.ts";
import { readSweep } from "../../../shared/reconcile/sweep/document.ts";
import { modeSentence, type Bearings } from "../../../shared/view/bearings.ts";
import { edge } from "../../edgeContext.ts";
import { isStoreAway } from "./away.ts";
import { configOf } from "./readings.ts";

/** For so long one reading serves all who look. */
const AGE_MAX_MS = 10_000;

let kept: { readonly bearings: Bearings; readonly atMs: number } | undefined;

/** Null when it is not known: the store is away. */
export async function bearingsOf(): Promise<Bearings | null> {
  const atMs = performance.now();
  if (kept !== undefined && atMs - kept.atMs < AGE_MAX_MS) return kept.bearings;
  try {
    const [compiled, heartbeat, sweep] = await Promise.all([
      configOf(),
      readHeartbeat(edge.store),
      readSweep(edge.store),
    ]);
    const bearings: Bearings = {
      mode: modeSentence(compiled?.config),
      isPaused: compiled?.config.paused === true,
      sources: [
        { name: "Last round", at: heartbeat?.at ?? null },
        { name: "Last sweep", at: sweep?.run?.finishedAt ?? null },
      ],
    };
    kept = { bearings, atMs };
    return bearings;
  } catch (error) {
    if (isStoreAway(error)) return null;
    throw error;
  }
}

/** After a change of the configuration by this process. */
export function forgetBearings(): void {
  kept = undefined;
}
