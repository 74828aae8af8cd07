/** What a decision about one account is made from: the same for the pass that acts on it and the plan that foretells it. */
import { environmentOf, quorumOf } from "../config/schema.ts";
import { memberKindOf, memberOf } from "../estate/member.ts";
import type { AccountAddress, ResourceId } from "../estate/resourceId.ts";
import { isUnread, type Resource, type Sight, type Source } from "../estate/sight.ts";
import { unreadable, type BudgetLog } from "../desired/budget.ts";
import type { Finding, Proposal, StateDocument } from "../desired/documents.ts";
import type { DecideInput, Judgement, Settings, Target } from "../desired/judgement.ts";
import { ownedAt, termsOf } from "../desired/terms.ts";
import type { ArmError } from "../ports/arm.ts";
import type { Compiled } from "./configuration.ts";

/**
 * Documents and entries that one look stores at most: with the writer's step, what was seen now and before, the summary and
 * what the last of its verdicts produces they stay below the 100 operations of one transactional batch.
 */
export const ROOM = 70;

/** What is known of an account at the moment of the decision. */
export interface Known {
  readonly nowMs: number;
  readonly pk: string;
  readonly address: AccountAddress;
  /** Undefined when the account is gone, or could not be read. */
  readonly sight: Sight | undefined;
  /** Why it could not be read. */
  readonly failure: Pick<ArmError, "code"> | undefined;
  readonly changedBy: string | null;
  readonly pipeline: string | undefined;
  /** Object ID of the identity that writes to the estate. */
  readonly self: string | undefined;
  readonly documents: readonly StateDocument[];
  readonly nextSeq: number;
  /** What each standard wrote lately; one that is not there wrote nothing, as far as matters. */
  readonly budgets: ReadonlyMap<string, BudgetLog | typeof unreadable>;
  readonly room: number;
}

export function decideInput(compiled: Compiled, known: Known, judgements: readonly Judgement[]): DecideInput {
  const { nowMs, pk, address, sight, failure, changedBy, pipeline, documents, nextSeq, room } = known;
  const settings = settingsOf(compiled, address, known);
  const place = { environment: settings.environment, subscriptionId: address.subscriptionId };
  const terms = compiled.standards.map(({ definition: { id } }) => {
    const log = known.budgets.get(id) ?? unreadable;
    return [id, termsOf(compiled.config, compiled.activations, { ...place, standard: id }, log, nowMs)] as const;
  });
  const account = sight?.account;
  return {
    nowMs,
    pk,
    key: address.id,
    subscriptionId: address.subscriptionId,
    nextSeq,
    // A target that could not be read is not gone: its verdicts are unknown.
    observed: failure === undefined ? account?.body : {},
    unreadable: failure !== undefined,
    targets: targetsOf(compiled, known, judgements),
    changedBy,
    changedAt: account?.lastModifiedAt ?? null,
    createdAt: account?.createdAt ?? null,
    pipeline,
    judgements,
    terms: new Map(terms),
    documents,
    settings,
    room,
  };
}

/** What is known of every resource that is spoken of, beside the account. */
function targetsOf(compiled: Compiled, known: Known, judgements: readonly Judgement[]): Map<ResourceId, Target> {
  const targets = new Map<ResourceId, Target>();
  const { sight, address, documents } = known;
  if (sight === undefined) return targets;
  const named = [
    ...judgements.flatMap(({ target, remedyTarget }) => [target, remedyTarget]),
    ...documents.map(({ target }) => target),
  ];
  for (const id of new Set(named)) {
    if (id === address.id) continue;
    const resource = memberOf(sight, id);
    if (resource === undefined || !isUnread(resource)) targets.set(id, targetOf(compiled, known, resource));
  }
  return targets;
}

function targetOf({ config }: Compiled, { self }: Known, resource: Resource | undefined): Target {
  const by = resource?.lastModifiedBy;
  const pipeline = config.pipelines.find(({ principal }) => principal !== undefined && principal === by);
  return {
    body: resource?.body,
    changedBy: by === undefined || by === self ? null : by,
    changedAt: resource?.lastModifiedAt ?? null,
    createdAt: resource?.createdAt ?? null,
    pipeline: pipeline?.name,
  };
}

function settingsOf(compiled: Compiled, { subscriptionId }: AccountAddress, known: Known): Settings {
  const { config } = compiled;
  const subscription = compiled.subscription(subscriptionId);
  const environment =
    known.sight === undefined
      ? (environmentOnRecord(known.documents) ?? environmentOf(config, subscription, {}))
      : environmentOf(config, subscription, known.sight.account.tags);
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

/** What has to be read to judge an account, and to know the resources that documents speak of. */
export function sourcesOf(compiled: Compiled, key: ResourceId, documents: readonly StateDocument[]): Set<Source> {
  const sources = new Set(compiled.standards.flatMap((standard) => standard.sources));
  for (const { target } of documents) {
    const kind = memberKindOf(key, target);
    if (kind !== undefined) sources.add(kind);
  }
  return sources;
}

/** The verdicts of all configured standards on an account and what belongs to it; `failure`: why it could not be read. */
export function judgementsOf(
  compiled: Compiled,
  address: AccountAddress,
  sight: Sight | undefined,
  failure: Pick<ArmError, "code"> | undefined,
  nowMs: number,
): Judgement[] {
  const subscription = compiled.subscription(address.subscriptionId);
  return compiled.standards.flatMap((standard): Judgement[] => {
    if (sight !== undefined && subscription !== undefined) {
      const environment = environmentOf(compiled.config, subscription, sight.account.tags);
      const { archetype, environment: subscriptionEnvironment } = subscription;
      return [...standard.judge(sight, { archetype, environment, subscriptionEnvironment, nowMs })];
    }
    const { id, version, title, severity } = standard.definition;
    // Nobody's business any more: that it cannot be read is no wonder there.
    const isKnown = failure === undefined || subscription === undefined;
    return [
      {
        standard: { id, version, title, severity },
        target: address.id,
        remedyTarget: address.id,
        verdict: isKnown ? "notApplicable" : "unknown",
        reason: isKnown ? "The subscription is not enrolled." : `Azure did not let us read it: ${failure.code}.`,
        assertions: [],
        safety: "X",
        unmet: undefined,
        askOf: null,
      },
    ];
  });
}
