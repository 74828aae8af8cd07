/** What a decision about one account is made from: the same for the pass that acts on it and the plan that foretells it. */
import { environmentOf, quorumOf } from "../config/schema.ts";
import type { Account } from "../estate/account.ts";
import type { AccountAddress } from "../estate/resourceId.ts";
import { unreadable, type BudgetLog } from "../desired/budget.ts";
import type { Finding, Proposal, StateDocument } from "../desired/documents.ts";
import type { DecideInput, Judgement, Settings } from "../desired/judgement.ts";
import { ownedAt, termsOf } from "../desired/terms.ts";
import type { ArmError } from "../ports/arm.ts";
import { judge } from "../standards/judge.ts";
import type { Compiled } from "./configuration.ts";

/** What is known of an account at the moment of the decision. */
export interface Known {
  readonly nowMs: number;
  readonly pk: string;
  readonly address: AccountAddress;
  /** Undefined when it is gone, or could not be read. */
  readonly account: Account | undefined;
  /** Why it could not be read. */
  readonly failure: Pick<ArmError, "code"> | undefined;
  readonly changedBy: string | null;
  readonly pipeline: string | undefined;
  readonly documents: readonly StateDocument[];
  readonly nextSeq: number;
  /** What each standard wrote lately; one that is not there wrote nothing, as far as matters. */
  readonly budgets: ReadonlyMap<string, BudgetLog | typeof unreadable>;
}

export function decideInput(compiled: Compiled, known: Known, judgements: readonly Judgement[]): DecideInput {
  const { nowMs, pk, address, account, failure, changedBy, pipeline, documents, nextSeq } = known;
  const settings = settingsOf(compiled, address, known);
  const place = { environment: settings.environment, subscriptionId: address.subscriptionId };
  const terms = judgements.map(({ standard: { id } }) => {
    const log = known.budgets.get(id) ?? unreadable;
    return [id, termsOf(compiled.config, compiled.activations, { ...place, standard: id }, log, nowMs)] as const;
  });
  return {
    nowMs,
    pk,
    key: address.id,
    subscriptionId: address.subscriptionId,
    nextSeq,
    // A target that could not be read is not gone: its verdicts are unknown.
    observed: failure === undefined ? account?.body : {},
    unreadable: failure !== undefined,
    changedBy,
    changedAt: account?.lastModifiedAt ?? null,
    createdAt: account?.createdAt ?? null,
    pipeline,
    judgements,
    terms: new Map(terms),
    documents,
    settings,
  };
}

function settingsOf(compiled: Compiled, { subscriptionId }: AccountAddress, known: Known): Settings {
  const { config } = compiled;
  const subscription = compiled.subscription(subscriptionId);
  const environment =
    known.account === undefined
      ? (environmentOnRecord(known.documents) ?? environmentOf(config, subscription, {}))
      : environmentOf(config, subscription, known.account.tags);
  return {
    enrolment: subscription?.level,
    paused: config.paused,
    environment,
    owned: ownedAt(config, { environment, subscriptionId }),
    quorum: quorumOf(config, environment),
    proposalHours: config.proposalHours,
    escalateAfterHours: config.escalation?.afterHours,
  };
}

/** Tags cannot be read now: where it was when something was found or asked. */
function environmentOnRecord(documents: readonly StateDocument[]): string | undefined {
  return documents.find((item): item is Finding | Proposal => item.kind === "finding" || item.kind === "proposal")
    ?.environment;
}

/** The verdicts of all configured standards on an account; `failure`: why it could not be read. */
export function judgementsOf(
  compiled: Compiled,
  account: Account | undefined,
  failure: Pick<ArmError, "code"> | undefined,
  subscriptionId: string,
): Judgement[] {
  const subscription = compiled.subscription(subscriptionId);
  return compiled.standards.map((standard): Judgement => {
    if (account !== undefined && subscription !== undefined) return judge(standard, account, subscription);
    const { id, version, title, severity } = standard.definition;
    // Nobody's business any more: that it cannot be read is no wonder there.
    const isKnown = failure === undefined || subscription === undefined;
    return {
      standard: { id, version, title, severity },
      verdict: isKnown ? "notApplicable" : "unknown",
      reason: isKnown ? "The subscription is not enrolled." : `Azure did not let us read it: ${failure.code}.`,
      assertions: [],
      safety: "X",
      unmet: undefined,
    };
  });
}
