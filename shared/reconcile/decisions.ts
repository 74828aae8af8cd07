/** What people do: decide on a proposal. Runs where nothing has a right on the estate. */
import { fromIso, toIso } from "../kernel/clock.ts";
import { decidersAt, mayDecide as mayDecideNow } from "../desired/consent.ts";
import { partitionOfDocument, type Decision, type Proposal } from "../desired/documents.ts";
import type { Compiled } from "./configuration.ts";
import { Declined, inPartition, type DeskContext } from "./desk.ts";

export interface DecisionRequest {
  readonly proposal: string;
  readonly verdict: "approve" | "reject";
  readonly reason: string | null;
  /** Hash of what the person saw; a proposal that says something else now is not decided by this. */
  readonly hash: string | undefined;
  /** Object ID of the person, from a verified token. */
  readonly by: string;
}

/**
 * Records one person's decision and asks for a look. The same decision again changes nothing and is answered alike.
 * @throws Declined when there is no such proposal, it is over, it says something else, or the person decided otherwise.
 */
export async function decideProposal(context: DeskContext, request: DecisionRequest): Promise<Proposal> {
  const pk = partitionOfDocument(request.proposal);
  if (pk === undefined) throw new Declined("notFound", `there is no proposal ${request.proposal}`);
  const compiled = await context.configuration.read();
  return inPartition(context, pk, async (writer) => {
    const proposal = (await context.store.read<Proposal>("state", pk, request.proposal))?.document;
    if (proposal?.kind !== "proposal") throw new Declined("notFound", `there is no proposal ${request.proposal}`);
    refusePerson(compiled, proposal, request);
    const earlier = proposal.decisions.find(({ by }) => by === request.by);
    if (earlier?.verdict === request.verdict) return { result: proposal };
    refuseDecision(proposal, request, earlier, context.clock.now());
    const { verdict, reason, by } = request;
    const decision: Decision = { by, verdict, reason, at: toIso(context.clock.now()) };
    const decided: Proposal = {
      ...proposal,
      decisions: [...proposal.decisions, decision],
      state: verdict === "reject" ? "rejected" : proposal.state,
      // Nothing is left to expire once it is rejected; it stays so that the same is not asked again.
      wakeAt: verdict === "reject" ? null : proposal.wakeAt,
      escalateAt: verdict === "reject" ? null : proposal.escalateAt,
    };
    const { hash, authority } = proposal;
    const body = { proposal: proposal.id, standard: authority, hash, verdict, by, reason };
    return { result: decided, key: writer.key, documents: [decided], records: [{ type: "decision", body }] };
  });
}

/** Whether the configuration lets a person decide on a proposal. */
export function mayDecide({ config }: Compiled, proposal: Proposal, by: string): boolean {
  const { environment, subscriptionId, standard } = proposal;
  return mayDecideNow(decidersAt(config, { environment, subscriptionId, standard: standard.id }), proposal, by);
}

function refusePerson(compiled: Compiled, proposal: Proposal, { by, verdict }: DecisionRequest): void {
  if (!mayDecide(compiled, proposal, by)) {
    const where = `${proposal.standard.id} in ${proposal.environment}`;
    throw new Declined("forbidden", `you are not among the approvers that the configuration names for ${where}`);
  }
  // Whoever made the change would grant themselves an exception without an end.
  if (verdict === "reject" && proposal.changedBy === by) {
    throw new Declined(
      "forbidden",
      "you made the change that this puts right: somebody else has to decide to leave it",
    );
  }
}

function refuseDecision(
  proposal: Proposal,
  request: DecisionRequest,
  earlier: Decision | undefined,
  nowMs: number,
): void {
  if (!proposal.live || proposal.state !== "open" || fromIso(proposal.expiresAt) <= nowMs) {
    const state = proposal.state === "open" ? "expired" : proposal.state;
    throw new Declined("conflict", `proposal ${proposal.id} is ${state}: nothing can be decided any more`);
  }
  if (request.hash !== undefined && request.hash !== proposal.hash) {
    throw new Declined("conflict", `proposal ${proposal.id} says something else than what you saw: read it again`);
  }
  if (earlier !== undefined) {
    throw new Declined("conflict", `you decided "${earlier.verdict}" on proposal ${proposal.id} before`);
  }
}
