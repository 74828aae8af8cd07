/**
 * What people do to the configuration: change it, agree to somebody else's change, call one off. Runs where nothing has a
 * right on the estate. A change that only tightens is applied at once; one that widens what the product may do waits for
 * a second person (shared/config/guarded.ts says which) and is void when another version came first: agreed is agreed to
 * exactly that step, from that version.
 */
import { textOfFault, type Fault } from "../config/coherence.ts";
import { differences, type Difference } from "../config/difference.ts";
import { documentsOf, type ChangeDocument } from "../config/documents.ts";
import { guarded } from "../config/guarded.ts";
import { leftOf } from "../config/left.ts";
import { configAddress, configSchema, type Config } from "../config/schema.ts";
import { hashOf } from "../kernel/canonicalJson.ts";
import { fromIso, hourMs, toIso } from "../kernel/clock.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { describeIssues } from "../kernel/parse.ts";
import type { LedgerRecord } from "../ledger/chain.ts";
import type { Store, StoreOperation } from "../ports/store.ts";
import { faultsIn } from "../standards/facts.ts";
import { standardsOf } from "../standards/catalogue.ts";
import {
  readBeside,
  readCurrent,
  readVersion,
  underConfiguration,
  type ConfigPlan,
  type Current,
} from "./configurationStore.ts";
import { Declined, type DeskContext } from "./desk.ts";

/** How long a change waits for its second person. */
export const CHANGE_EXPIRES_MS = 72 * hourMs;

/** Values that differ told one by one: in the ledger, with a change, in an answer. */
export const CHANGES_TOLD_MAX = 200;

/** Changes that may wait at the same time. */
const OPEN_CHANGES_MAX = 20;

/** Changes that are listed, the newest first. */
const CHANGES_LISTED_MAX = 100;

export interface Submission {
  /** Object ID of the person, from a verified token. */
  readonly by: string;
  readonly reason: string | null;
  /** Version that the change is based on; undefined: whichever is current. */
  readonly base: number | undefined;
  /** The configuration as it is to be. Called again when somebody else came first. */
  readonly make: (current: Config) => unknown;
}

export interface Proposed {
  readonly config: Config;
  readonly current: Current;
  readonly changes: readonly Difference[];
  readonly warnings: readonly Fault[];
}

export type Submitted =
  | { readonly kind: "unchanged"; readonly version: number; readonly warnings: readonly Fault[] }
  | {
      readonly kind: "applied";
      readonly version: number;
      readonly changes: readonly Difference[];
      readonly warnings: readonly Fault[];
    }
  /** Waits for a second person. */
  | { readonly kind: "pending"; readonly change: ChangeDocument; readonly warnings: readonly Fault[] };

/**
 * Applies a change, or stores it to wait for a second person.
 * @throws Declined when it is based on another version, SteelyardError `BadInput` when it makes no sense.
 */
export async function submit(context: DeskContext, submission: Submission): Promise<Submitted> {
  return underConfiguration<Submitted>(context, async (writer, current) => {
    const { by, reason } = submission;
    const { config, changes, warnings } = await proposedBy(context.store, submission, current);
    if (changes.length === 0) return { result: { kind: "unchanged", version: current.version, warnings } };
    const needs = guarded(current.config, config, context.clock.now(), current.document?.left);
    if (needs.length === 0) {
      const applied = applying(context, { current, config, changes, by, agreedBy: [], reason, change: null });
      return { result: { kind: "applied", version: config.version, changes, warnings }, ...applied };
    }
    const now = context.clock.now();
    const change: ChangeDocument = {
      id: `c-${writer.chain.seq + 1}`,
      pk: configAddress.pk,
      kind: "configChange",
      state: "open",
      base: current.version,
      config,
      changes: changes.slice(0, CHANGES_TOLD_MAX),
      changed: changes.length,
      needs,
      hash: hashOf({ base: current.version, config }),
      by,
      reason,
      askedAt: toIso(now),
      expiresAt: toIso(now + CHANGE_EXPIRES_MS),
      decisions: [],
    };
    const known = await refuseMany(context, change);
    if (known !== undefined) return { result: { kind: "pending", change: known, warnings } };
    const { id, base, hash, changed } = change;
    const body = { event: "proposed", change: id, base, hash, by, reason, needs, changes: change.changes, changed };
    return {
      result: { kind: "pending", change, warnings },
      operations: [{ kind: "create", document: change }],
      records: [{ type: "configuration", body }],
    };
  });
}

/** What would be submitted, with everything checked and nothing stored. @throws as {@link submit} */
export async function propose(store: Store, submission: Pick<Submission, "base" | "make">): Promise<Proposed> {
  return proposedBy(store, submission, await readCurrent(store));
}

async function proposedBy(
  store: Store,
  { base, make }: Pick<Submission, "base" | "make">,
  current: Current,
): Promise<Proposed> {
  if (base !== undefined && base !== current.version) throw await outdated(store, base, current);
  const made = make(current.config);
  const input = typeof made === "object" && made !== null ? { ...made, version: current.version + 1 } : made;
  const config = parseConfig(input);
  const faults = faultsIn(config);
  const errors = faults.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    throw new SteelyardError("BadInput", errors.map((fault) => `configuration at ${textOfFault(fault)}`).join("\n"));
  }
  // Compiled as the passes will: what they would not understand is refused here.
  standardsOf(config);
  const warnings = faults.filter(({ severity }) => severity === "warning");
  return { config, current, changes: differences(current.config, config), warnings };
}

function parseConfig(input: unknown): Config {
  const result = configSchema.safeParse(input);
  if (result.success) return result.data;
  throw new SteelyardError("BadInput", describeIssues(result.error, input, "configuration"));
}

/** Says who came first, and what that one changed. */
async function outdated(store: Store, base: number, current: Current): Promise<Declined> {
  const { version, config, document } = current;
  const known = await readVersion(store, base);
  const who = document === undefined ? "" : `, applied by ${document.appliedBy ?? "nobody"} at ${document.appliedAt}`;
  const since =
    known === undefined ? "there is no such version" : `it changed ${shown(differences(known.config, config))}`;
  return new Declined(
    "conflict",
    `your change is based on version ${base}; version ${version} is current${who}: ${since}. Read it again and change that`,
  );
}

const SHOWN_MAX = 5;

function shown(changes: readonly Difference[]): string {
  const some = changes
    .slice(0, SHOWN_MAX)
    .map(({ path, before, after }) => `${path} from ${short(before)} to ${short(after)}`);
  const more = changes.length > SHOWN_MAX ? ` and ${changes.length - SHOWN_MAX} more` : "";
  return changes.length === 0 ? "nothing" : `${some.join(", ")}${more}`;
}

const SHORT_CHARACTERS = 60;

function short(value: unknown): string {
  const text = value === null ? "nothing" : JSON.stringify(value);
  return text.length > SHORT_CHARACTERS ? `${text.slice(0, SHORT_CHARACTERS)}...` : text;
}

interface Applying {
  readonly current: Current;
  readonly config: Config;
  readonly changes: readonly Difference[];
  readonly by: string;
  readonly agreedBy: readonly string[];
  readonly reason: string | null;
  readonly change: string | null;
}

function applying(context: DeskContext, input: Applying): { operations: StoreOperation[]; records: LedgerRecord[] } {
  const { current, config, changes, by, agreedBy, reason, change } = input;
  const at = toIso(context.clock.now());
  const applied = { at, by, agreedBy, reason, changed: changes.length };
  const left = leftOf(current.config, current.document?.left ?? [], config);
  const documents = documentsOf(config, current.document?.activations ?? {}, applied, left);
  const body = {
    event: "applied",
    version: config.version,
    by,
    agreedBy,
    reason,
    change,
    changes: changes.slice(0, CHANGES_TOLD_MAX),
    changed: changes.length,
    hash: hashOf(config),
  };
  return {
    operations: [
      { kind: "upsert", document: documents.current },
      { kind: "create", document: documents.version },
    ],
    records: [{ type: "configuration", body }],
  };
}

/** The same change, if it waits already. @throws Declined when too many wait */
async function refuseMany(context: DeskContext, change: ChangeDocument): Promise<ChangeDocument | undefined> {
  const open = (await listChanges(context)).filter(({ state }) => state === "open");
  const known = open.find(({ hash }) => hash === change.hash);
  if (known === undefined && open.length >= OPEN_CHANGES_MAX) {
    const message = `${open.length} changes wait for a second person; decide on one of them first`;
    throw new Declined("conflict", message);
  }
  return known === undefined ? undefined : { ...known, state: "open" };
}

/** A change as it stands now: its time, or another version, may have ended it without anybody's act. */
export type Change = Omit<ChangeDocument, "state"> & { readonly state: ChangeDocument["state"] | "expired" };

function standing(change: ChangeDocument, version: number, nowMs: number): Change {
  if (change.state !== "open") return change;
  if (change.base !== version) return { ...change, state: "void" };
  return fromIso(change.expiresAt) <= nowMs ? { ...change, state: "expired" } : change;
}

/** The changes that wait or waited for a second person, the newest first. */
export async function listChanges({ store, clock }: Pick<DeskContext, "store" | "clock">): Promise<Change[]> {
  const { version } = await readCurrent(store);
  const { container, pk } = configAddress;
  const page = await store.query<ChangeDocument>({
    container,
    pk,
    kinds: ["configChange"],
    orderBy: { path: "askedAt", descending: true },
    pageSize: CHANGES_LISTED_MAX,
  });
  return page.items.map((change) => standing(change, version, clock.now()));
}

const changeIdPattern = /^c-\d{1,15}$/;

/** @throws Declined when there is none of this id */
export async function readChange({ store, clock }: Pick<DeskContext, "store" | "clock">, id: string): Promise<Change> {
  const change = changeIdPattern.test(id) ? await readBeside<ChangeDocument>(store, id) : undefined;
  if (change?.kind !== "configChange") throw new Declined("notFound", `there is no change ${id}`);
  return standing(change, (await readCurrent(store)).version, clock.now());
}

export interface ChangeDecision {
  readonly change: string;
  readonly verdict: "approve" | "reject";
  /** Hash of what the person saw. */
  readonly hash: string;
  readonly reason: string | null;
  readonly by: string;
}

/**
 * The second person's decision: approved, it is applied at once. Whoever proposed it can only call it off. The same
 * decision again changes nothing and is answered alike.
 * @throws Declined
 */
export async function decideChange(context: DeskContext, decision: ChangeDecision): Promise<Change> {
  const decided = await underConfiguration<{ change: Change; refused?: Declined }>(context, async (_, current) => {
    const { change: id } = decision;
    const change = changeIdPattern.test(id) ? await readBeside<ChangeDocument>(context.store, id) : undefined;
    if (change?.kind !== "configChange") throw new Declined("notFound", `there is no change ${id}`);
    const earlier = change.decisions.find(({ by }) => by === decision.by);
    if (earlier?.verdict === decision.verdict) return { result: { change } };
    refuseDecision(standing(change, change.base, context.clock.now()), decision, earlier?.verdict);
    return change.base === current.version
      ? deciding(context, change, decision, current)
      : voiding(context.store, change, current);
  });
  if (decided.refused !== undefined) throw decided.refused;
  return decided.change;
}

function refuseDecision(change: Change, decision: ChangeDecision, earlier: string | undefined): void {
  const { id, state, hash, by } = change;
  if (state !== "open") throw new Declined("conflict", `change ${id} is ${state}: nothing can be decided any more`);
  if (hash !== decision.hash) throw new Declined("conflict", `change ${id} says something else than what you saw`);
  if (earlier !== undefined) throw new Declined("conflict", `you decided "${earlier}" on change ${id} before`);
  if (by === decision.by && decision.verdict === "approve") {
    throw new Declined("forbidden", `you proposed change ${id}: somebody else has to agree to it`);
  }
}

function deciding(
  context: DeskContext,
  change: ChangeDocument,
  { verdict, by, reason }: ChangeDecision,
  current: Current,
): ConfigPlan<{ change: Change }> {
  const at = toIso(context.clock.now());
  const state = verdict === "approve" ? "applied" : "rejected";
  const decided: ChangeDocument = { ...change, state, decisions: [...change.decisions, { by, verdict, reason, at }] };
  const body = { change: change.id, hash: change.hash, verdict, by, reason };
  const records: LedgerRecord[] = [{ type: "decision", body }];
  const operations: StoreOperation[] = [{ kind: "upsert", document: decided }];
  if (verdict === "approve") {
    const { config } = change;
    const changes = differences(current.config, config);
    const asked = { by: change.by, agreedBy: [by], reason: change.reason, change: change.id };
    const applied = applying(context, { current, config, changes, ...asked });
    records.push(...applied.records);
    operations.push(...applied.operations);
  }
  return { result: { change: decided }, operations, records };
}

/** Somebody else's version came first: what was proposed is no longer that step. */
async function voiding(
  store: Store,
  change: ChangeDocument,
  current: Current,
): Promise<ConfigPlan<{ change: Change; refused: Declined }>> {
  const reason = (await outdated(store, change.base, current)).message;
  const refused = new Declined("conflict", `change ${change.id} is void: ${reason}`);
  const ended: ChangeDocument = { ...change, state: "void" };
  const body = { change: change.id, hash: change.hash, reason: `version ${current.version} came first` };
  return {
    result: { change: ended, refused },
    operations: [{ kind: "upsert", document: ended }],
    records: [{ type: "void", body }],
  };
}

/** Versions told at once. */
export const VERSIONS_MAX = 20;

/** What versions there are, without what they say, the newest first. */
export async function listVersions(store: Store, before: number | undefined): Promise<object[]> {
  const current = await readCurrent(store);
  const from = Math.min(before ?? Infinity, current.version + 1);
  const versions: object[] = [];
  for (let version = from - 1; version > 0 && versions.length < VERSIONS_MAX; version -= 1) {
    const found = await readVersion(store, version);
    if (found === undefined) continue;
    const { appliedAt, appliedBy, agreedBy, reason, changed } = found;
    versions.push({ version, appliedAt, appliedBy, agreedBy, reason, changed });
  }
  return versions;
}
