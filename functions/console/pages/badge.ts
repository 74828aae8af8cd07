/** How many questions wait for whoever looks: beside "Approvals" in the bar of every page. */
import type { Viewer } from "../../../shared/view/person.ts";
import { isWaiting, proposalModel } from "../../../shared/view/proposalModel.ts";
import { waitingPicture } from "../waitingPicture.ts";
import { isStoreAway } from "./away.ts";
import { configOf, deskOf } from "./readings.ts";
import { requestModel } from "./requestModel.ts";

/** Null when it is not known. */
export async function badgeOf(viewer: Viewer, nowMs: number): Promise<number | null> {
  try {
    const [{ single, requests }, config] = await Promise.all([waitingPicture(nowMs), configOf()]);
    const desk = deskOf(config, viewer, false);
    const yours = single.filter(
      (proposal) => isWaiting(proposal, nowMs) && proposalModel(proposal, viewer, nowMs, desk).decide.may,
    );
    const together = requests.filter((request) => requestModel(request, viewer, nowMs, desk).decide.may);
    return yours.length + together.length;
  } catch (error) {
    if (isStoreAway(error)) return null;
    throw error;
  }
}
