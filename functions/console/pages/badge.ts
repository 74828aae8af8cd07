/** How many questions wait for whoever looks: beside "Approvals" on pages that do not read them anyway. */
import type { Proposal } from "../../../shared/desired/documents.ts";
import { listRequests, type Request } from "../../../shared/reconcile/groups.ts";
import type { Compiled } from "../../../shared/reconcile/configuration.ts";
import type { Viewer } from "../../../shared/view/person.ts";
import { isWaiting, proposalModel } from "../../../shared/view/proposalModel.ts";
import { edge } from "../../edgeContext.ts";
import { isStoreAway } from "./away.ts";
import { allOpenProposals, configOf, deskOf } from "./readings.ts";
import { requestModel } from "./requestModel.ts";

/** For so long one reading serves all who look: a number beside a word, from which nothing is decided. */
const AGE_MAX_MS = 10_000;

interface Waiting {
  readonly open: readonly Proposal[];
  readonly requests: readonly Request[];
  readonly config: Compiled | undefined;
}

let kept: { readonly waiting: Waiting; readonly atMs: number } | undefined;

/** Null when it is not known. */
export async function badgeOf(viewer: Viewer, nowMs: number): Promise<number | null> {
  try {
    const { open, requests, config } = await read();
    const desk = deskOf(config, viewer, false);
    const yours = open.filter(
      (proposal) => isWaiting(proposal, nowMs) && proposalModel(proposal, viewer, nowMs, desk).decide.may,
    );
    const together = requests.filter((request) => requestModel(request, viewer, nowMs, desk).decide.may);
    return yours.length + together.length;
  } catch (error) {
    if (isStoreAway(error)) return null;
    throw error;
  }
}

async function read(): Promise<Waiting> {
  const atMs = performance.now();
  if (kept !== undefined && atMs - kept.atMs < AGE_MAX_MS) return kept.waiting;
  const [open, requests, config] = await Promise.all([allOpenProposals(), listRequests(edge), configOf()]);
  const waiting = { open: open.items, requests, config };
  kept = { waiting, atMs };
  return waiting;
}

/** After a decision of this process: what was read before it is not to be shown. */
export function forgetBadge(): void {
  kept = undefined;
}
