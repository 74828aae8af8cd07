import type { Request } from "../../../shared/reconcile/groups.ts";
import { mayNot, type Desk, type Viewer } from "../../../shared/view/person.ts";
import { proposalModel } from "../../../shared/view/proposalModel.ts";
import type { RequestModel } from "../../../shared/view/requestPages.ts";

/** A request as its pages show it. What the viewer may do with it is what may be done with those of it that wait. */
export function requestModel(request: Request, viewer: Viewer, nowMs: number, desk: Desk): RequestModel {
  const { standard, approvals, ...rest } = request;
  const sample = request.sample.map((proposal) => proposalModel(proposal, viewer, nowMs, desk));
  const able = sample.find(({ decide }) => decide.may) ?? sample[0];
  return {
    ...rest,
    standard: standard.id,
    version: standard.version,
    title: standard.title,
    agreed: approvals,
    sample,
    decide: able?.decide ?? mayNot("Nothing can be decided any more."),
  };
}
