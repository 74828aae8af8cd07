/** How what became of a change of the configuration is answered, whichever route it came by. */
import type { HttpResponseInit } from "@azure/functions";
import {
  CHANGES_TOLD_MAX,
  type Change,
  type Proposed,
  type Submitted,
} from "../../shared/reconcile/configurationWriter.ts";
import { textOfFault, type Fault } from "../../shared/config/coherence.ts";
import { guarded } from "../../shared/config/guarded.ts";
import { readCurrent } from "../../shared/reconcile/configurationStore.ts";
import { edge } from "../edgeContext.ts";
import { prose } from "./api.ts";
import { firstPart, planned } from "./plans.ts";

export const reasonSchema = prose(1_000).refine((text) => text.length >= 5, {
  error: "expected a reason of five characters or more",
});

const told = (warnings: readonly Fault[]): string[] => warnings.map(textOfFault);

/** 200 when it holds now, 202 when it waits for a second person. */
export async function submissionAnswer(submitted: Submitted): Promise<HttpResponseInit> {
  const warnings = told(submitted.warnings);
  switch (submitted.kind) {
    case "unchanged":
      return { jsonBody: { state: "unchanged", version: submitted.version, changes: [], changed: 0, warnings } };
    case "applied": {
      const { version, changes } = submitted;
      const some = changes.slice(0, CHANGES_TOLD_MAX);
      return { jsonBody: { state: "applied", version, changes: some, changed: changes.length, warnings } };
    }
    case "pending": {
      const change = await changeAnswer(submitted.change);
      return { status: 202, jsonBody: { state: "pending", change, warnings } };
    }
  }
}

/** A change without the whole configuration in it: what it changes is what people read. */
export function shortened(change: Change): Omit<Change, "config"> {
  return Object.fromEntries(Object.entries(change).filter(([name]) => name !== "config")) as Omit<Change, "config">;
}

/** A change, and what it would do now; null when it will not be applied any more. */
export async function changeAnswer(change: Change): Promise<object> {
  const current = await readCurrent(edge.store);
  const isOpen = change.state === "open" && change.base === current.version;
  return { ...shortened(change), plan: isOpen ? await planned({ current, config: change.config }, firstPart) : null };
}

/** What a change would do, of which the part is told; nothing was written. */
export async function planAnswer(
  { config, current, changes, warnings }: Proposed,
  { asOf, ...part }: { from: number; rows: number; asOf?: string | undefined } = firstPart,
): Promise<HttpResponseInit> {
  return {
    jsonBody: {
      state: "planned",
      base: current.version,
      changes: changes.slice(0, CHANGES_TOLD_MAX),
      changed: changes.length,
      needs: guarded(current.config, config, edge.clock.now(), current.document?.left),
      plan: await planned({ current, config, asOf }, part),
      warnings: told(warnings),
    },
  };
}
