/** What the frame says of the whole product: two point reads at most every ten seconds, and the configuration. */
import { readHeartbeat } from "../../../shared/reconcile/heartbeat.ts";
import { readSweep } from "../../../shared/reconcile/sweep/document.ts";
import { modeSentence, type Bearings } from "../../../shared/view/bearings.ts";
import { edge } from "../../edgeContext.ts";
import { isStoreAway } from "./away.ts";
import { configOf } from "./readings.ts";

/** For so long one reading of the sources serves all who look; the mode is told as it is. */
const AGE_MAX_MS = 10_000;

let kept: { readonly sources: Bearings["sources"]; readonly atMs: number } | undefined;

/** Null when it is not known: the store is away. */
export async function bearingsOf(): Promise<Bearings | null> {
  try {
    const [compiled, sources] = await Promise.all([configOf(), readSources()]);
    return { mode: modeSentence(compiled?.config), sources };
  } catch (error) {
    if (isStoreAway(error)) return null;
    throw error;
  }
}

async function readSources(): Promise<Bearings["sources"]> {
  const atMs = performance.now();
  if (kept !== undefined && atMs - kept.atMs < AGE_MAX_MS) return kept.sources;
  const [heartbeat, sweep] = await Promise.all([readHeartbeat(edge.store), readSweep(edge.store)]);
  const sources = [
    { name: "Last round", at: heartbeat?.at ?? null },
    { name: "Last sweep", at: sweep?.run?.finishedAt ?? null },
  ];
  kept = { sources, atMs };
  return sources;
}
