/** What the auditor knows of one writer key: its documents, its chain, its intents; and what must hold between them. */
import type { AccountFacts, Flight } from "./account.ts";
import type { StandardFacts } from "./configuration.ts";
import { Chain, type Entry } from "./chain.ts";
import { allowsWriting, configuredMode, modeOf, quorumIn, type ConfigurationFacts } from "./configuration.ts";
import { isFlapping, isFrozen, isOwned, mayDecide, type Unasked } from "./gate.ts";
import { at, isObject, isSame, sha256, textOf, type Json, type JsonObject, text } from "./json.ts";
import type { Report } from "./report.ts";

export type Document = JsonObject & { readonly id: string; readonly pk: string };

export interface Change {
  readonly before: Document | undefined;
  readonly after: Document;
}

/** When something was stored, in true time, and by which invocation. */
export interface Moment {
  readonly atMs: number;
  readonly run: number | undefined;
}

export interface Intent {
  readonly entry: Entry;
  /** True time at which it was recorded. */
  readonly atMs: number;
  readonly fields: readonly { readonly path: string; readonly before: Json; readonly after: Json }[];
  outcome: string | undefined;
  readonly flights: Flight[];
}

/**
 * How old what a write was decided on may be when its fence is set. The product's own calls take at most half a minute
 * each, and a process may stand still in between.
 */
export const DECIDED_WITHIN_MS = 180_000;

/** States in which ARM does nothing more to an account by itself. */
const terminal: readonly string[] = ["Succeeded", "Failed", "Canceled"];

const transitions: Readonly<Record<string, readonly string[]>> = {
  open: ["open", "approved", "rejected", "void", "expired"],
  approved: ["approved", "applied", "void", "failed"],
  rejected: ["rejected", "void"],
  failed: ["failed", "void"],
};

export class Partition {
  readonly #report: Report;
  readonly #configuration: ConfigurationFacts;
  readonly #accountOf: (key: string) => AccountFacts;
  readonly chain: Chain;
  readonly documents = new Map<string, Document>();
  readonly intents = new Map<number, Intent>();
  open: Intent | undefined;
  /** When each number of `wanted` was reached. */
  readonly #wantedMs: number[] = [];
  /** What was put right, by writes that were read back. */
  readonly repairs: Unasked[] = [];
  /** Proposals that may never write any more. */
  readonly #over = new Set<string>();

  constructor(report: Report, configuration: ConfigurationFacts, accountOf: (key: string) => AccountFacts) {
    this.#report = report;
    this.#configuration = configuration;
    this.#accountOf = accountOf;
    this.chain = new Chain(report);
  }

  get writer(): Document | undefined {
    return this.documents.get("writer");
  }

  /** Name of the account. */
  get name(): string {
    return this.key.slice(this.key.lastIndexOf("/") + 1);
  }

  get key(): string {
    return text(this.writer?.["key"]);
  }

  commit(changes: readonly Change[], moment: Moment): void {
    const entries = changes.filter(({ after }) => after["kind"] === "entry");
    for (const { before, after } of entries) {
      this.#report.expect(before === undefined, "I12", () => `${after.id} was changed after it was written`);
    }
    const added = entries.map(({ after }) => after as unknown as Entry).sort((a, b) => a.seq - b.seq);
    for (const entry of added) this.chain.add(entry);
    for (const { after } of changes) if (after["kind"] !== "entry") this.documents.set(after.id, after);
    for (const change of changes) this.#document(change, added);
    this.#history(changes);
    const writer = changes.find(({ after }) => after.id === "writer");
    for (const entry of added) {
      if (entry.type === "intent") this.#intent(entry, moment);
      if (entry.type === "outcome") this.#outcome(entry, writer?.before?.["fence"] ?? null);
    }
    if (writer !== undefined) this.#writer(writer, added, moment);
    else this.#report.expect(added.length === 0, "I12", () => "entries without a step of the writer document");
  }

  #document({ before, after }: Change, added: readonly Entry[]): void {
    if (after["kind"] === "proposal") this.#proposal(before, after, added);
    if (after["kind"] === "claim" && before !== undefined) {
      const isFixed = ["until", "fields", "hash", "by", "undoes"].every((name) => isSame(before[name], after[name]));
      this.#report.expect(isFixed, "I13", () => `claim ${after.id} is another one than was opened`);
    }
  }

  /** What was seen before goes nowhere but beside what takes its place, as it was, once. */
  #history(changes: readonly Change[]): void {
    const replaced = changes.find(({ after }) => after.id === "observation");
    const past = changes.find(({ after }) => after["kind"] === "pastObservation");
    if (past !== undefined) {
      const isWhole = ["body", "members", "unread", "principals"].every((name) =>
        isSame(past.after[name] ?? null, replaced?.before?.[name] ?? null),
      );
      this.#report.expect(
        past.before === undefined && isWhole && past.after["until"] === replaced?.after["since"],
        "I12",
        () => `${past.after.id} does not say what was seen before`,
      );
      return;
    }
    const [before, after] = [replaced?.before, replaced?.after];
    const isOther = before !== undefined && !isSame(at(before, "body.properties"), at(after, "body.properties"));
    const stood = text(before?.["since"]) !== text(after?.["since"]);
    this.#report.expect(!isOther || !stood, "I12", () => `what ${this.name} was like is not kept`);
  }

  #proposal(before: Document | undefined, after: Document, added: readonly Entry[]): void {
    const { id } = after;
    const decisions = after["decisions"] as readonly JsonObject[];
    const people = new Set(decisions.map(({ by }) => by));
    this.#report.expect(people.size === decisions.length, "I9", () => `somebody decided twice on ${id}`);
    const earlier = (before?.["decisions"] ?? []) as readonly JsonObject[];
    const kept = isSame(earlier, decisions.slice(0, earlier.length));
    this.#report.expect(kept, "I9", () => `a decision on ${id} was changed or lost`);
    for (const decision of decisions.slice(earlier.length)) {
      const isRecorded = added.some(
        ({ type, body }) => type === "decision" && body["proposal"] === id && body["by"] === decision["by"],
      );
      this.#report.expect(isRecorded, "I2", () => `a decision on ${id} is not in the ledger`);
      const versions = this.#configuration.since(this.#report.nowMs() - DECIDED_WITHIN_MS);
      const by = text(decision["by"]);
      const standard = text(at(after, "standard.id"));
      const isNamed = versions.some((document) => mayDecide(document, standard, by, after["escalated"] === true));
      this.#report.expect(isNamed, "I2", () => `${by.slice(-2)} decided on ${id} and is none of its approvers`);
      const isOwn = decision["verdict"] === "reject" && after["changedBy"] === by;
      this.#report.expect(!isOwn, "I10", () => `${by.slice(-2)} keeps what they did themselves by rejecting ${id}`);
    }
    if (before === undefined) return;
    const isFixed = ["fields", "hash", "quorum", "authority", "expiresAt"].every((name) =>
      isSame(before[name], after[name]),
    );
    this.#report.expect(isFixed, "I2", () => `proposal ${id} says something else than was asked`);
    const from = text(before["state"]);
    const to = text(after["state"]);
    const may =
      before["live"] === true ? transitions[from]?.includes(to) === true : from === to && after["live"] === false;
    this.#report.expect(may, "I3", () => `proposal ${id} went from ${from} to ${to}`);
    if (["rejected", "void", "expired", "applied", "failed"].includes(to)) this.#over.add(id);
  }

  #writer({ before, after }: Change, added: readonly Entry[], { atMs: nowMs, run }: Moment): void {
    const wanted = Number(after["wanted"]);
    const served = Number(after["served"]);
    const account = this.#accountOf(this.key);
    const never = Number(before?.["wanted"] ?? 0);
    this.#report.expect(wanted >= never, "I8", () => `wanted went from ${never} to ${wanted}`);
    for (let count = this.#wantedMs.length; count <= wanted; count += 1) this.#wantedMs.push(nowMs);
    this.#report.expect(served <= wanted, "I8", () => `served ${served} of ${wanted} wishes`);
    if (served > Number(before?.["served"] ?? 0)) {
      const wishedMs = this.#wantedMs[served] ?? nowMs;
      const isLooked = (account.lastReadBy(run)?.begunMs ?? 0) >= wishedMs;
      this.#report.expect(isLooked, "I8", () => `wish ${served} is said to be served, but nobody looked since it came`);
    }
    this.chain.checkHead(after["chain"] as unknown as { seq: number; hash: string });
    this.#fence(before?.["fence"] ?? null, after["fence"] ?? null, added);
  }

  #fence(before: Json, after: Json, added: readonly Entry[]): void {
    const from = at(before, "intent");
    const to = at(after, "intent");
    if (from === to) return;
    if (from !== null) {
      const isSettled = added.some(({ type, body }) => type === "outcome" && body["intent"] === from);
      this.#report.expect(isSettled, "I12", () => `the fence of intent ${textOf(from)} ended without an outcome`);
    }
    if (to !== null) {
      const isRecorded = added.some(({ type, seq }) => type === "intent" && seq === to);
      this.#report.expect(isRecorded, "I12", () => `a fence was set without its intent ${textOf(to)}`);
    }
  }

  #intent(entry: Entry, { atMs: nowMs, run }: Moment): void {
    const { body, seq } = entry;
    const fields = body["fields"] as unknown as Intent["fields"];
    const id = text(body["id"]);
    const name = `${this.name}: intent ${seq} (${id.slice(0, 8)})`;
    const report = this.#report;
    report.expect(this.open === undefined, "I12", () => `${name} while intent ${this.open?.entry.seq} has no outcome`);
    const intent: Intent = { entry, atMs: nowMs, fields, outcome: undefined, flights: [] };
    this.open = intent;
    this.intents.set(seq, intent);
    const sinceMs = nowMs - DECIDED_WITHIN_MS;
    const plain = fields.map(({ path, before, after }) => ({ path, before, after }));
    const hash = sha256({ target: body["target"], fields: plain, authority: body["authority"] });
    report.expect(hash === body["hash"], "I2", () => `${name} is not bound to what it writes`);
    report.expect(body["target"] === this.key, "I16", () => `${name} writes to another target`);
    const isAllowed = this.#configuration.since(sinceMs).some((document) => allowsWriting(document, this.key));
    report.expect(isAllowed, "I15", () => `${name} though writing is not allowed there`);
    const account = this.#accountOf(this.key);
    const seen = account.lastReadBy(run)?.body;
    for (const { path, before } of fields) {
      const isSeen = isObject(seen) && isSame(at(seen, path), before);
      report.expect(
        isSeen,
        "I16",
        () => `${name} takes ${path} from ${textOf(before)}, which was not what it saw there`,
      );
      const isTrue = account.wasSince(sinceMs, path, before);
      report.expect(isTrue, "I16", () => `${name} takes ${path} from ${textOf(before)}, which was not there`);
    }
    const isRepeated = [...this.intents.values()].some(
      (other) => other !== intent && other.outcome === "applied" && other.entry.body["id"] === id,
    );
    report.expect(!isRepeated, "I16", () => `${name} of a change that was applied before`);
    const carrier = this.documents.get(id);
    if (carrier?.["kind"] === "proposal") this.#agreed(name, intent, carrier);
    else if (carrier?.["kind"] === "claim") this.#claimed(name, intent, carrier);
    else report.expect(false, "I2", () => `${name} is carried by nothing`);
  }

  /** A write that a standard demands: agreed to by enough people, or by a mode that needs nobody. */
  #agreed(name: string, { entry, fields }: Intent, proposal: Document): void {
    const report = this.#report;
    const standard = this.#configuration.standard(at(proposal, "standard.id"));
    for (const { path, after } of fields) {
      const isDemanded = standard !== undefined && path === standard.path && isSame(after, standard.value);
      report.expect(isDemanded, "I16", () => `${name} sets ${path} to ${textOf(after)}, which no standard demands`);
    }
    report.expect(
      !this.#over.has(proposal.id),
      "I3",
      () => `${name} of a proposal that is ${textOf(proposal["state"])}`,
    );
    report.expect(
      proposal["state"] === "approved",
      "I3",
      () => `${name} of a proposal that is ${textOf(proposal["state"])}`,
    );
    report.expect(
      proposal["hash"] === entry.body["hash"],
      "I2",
      () => `${name} writes something else than was agreed to`,
    );
    const decisions = this.chain.entries.filter(
      ({ type, body }) => type === "decision" && body["proposal"] === proposal.id,
    );
    const verdicts = decisions.map(({ body }) => body);
    report.expect(!verdicts.some(({ verdict }) => verdict === "reject"), "I3", () => `${name} of a rejected proposal`);
    const approvals = decisions.filter(
      ({ body, at: decidedAt }) =>
        body["verdict"] === "approve" && body["hash"] === entry.body["hash"] && decidedAt < text(proposal["expiresAt"]),
    );
    if (standard === undefined) return;
    const lately = this.#configuration.since(this.#report.nowMs() - DECIDED_WITHIN_MS);
    const isEscalated = proposal["escalated"] === true;
    const named = approvals
      .map(({ body }) => text(body["by"]))
      .filter((by) => lately.some((document) => mayDecide(document, standard.id, by, isEscalated)));
    const people = new Set(named).size;
    this.#gated(name, { entry, fields }, standard, people);
    const needed = Math.min(
      ...lately.map((document) => {
        const isVerified = fields.every(({ path, after }) => this.#isVerified(path, after));
        const mode = isVerified ? configuredMode(document, standard, this.key) : modeOf(document, standard, this.key);
        return mode === 2 ? 0 : quorumIn(document);
      }),
    );
    report.expect(people >= needed, "I2", () => `${name} with ${people} of ${needed} approvals`);
  }

  /** What the configuration says against a write of a standard, at this moment. */
  #gated(
    name: string,
    { entry, fields }: Pick<Intent, "entry" | "fields">,
    standard: StandardFacts,
    people: number,
  ): void {
    const nowMs = this.#report.nowMs();
    const versions = this.#configuration.since(nowMs - DECIDED_WITHIN_MS);
    const { id } = standard;
    const may = (test: (document: JsonObject) => boolean, what: string): void => {
      this.#report.expect(versions.some(test), "I15", () => `${name} ${what}`);
    };
    may((document) => modeOf(document, standard, this.key) > 0, "though the standard is in audit there");
    may((document) => !isFrozen(document, id, nowMs), "during a freeze");
    may((document) => !fields.some(({ path }) => isOwned(document, path)), "to a field that belongs to templates");
    const next: Unasked = { standard: id, changedBy: entry.body["changedBy"], atMs: nowMs };
    const isUnasked = people === 0;
    this.#report.expect(
      !isUnasked || !isFlapping(this.repairs, next),
      "I15",
      () => `${name}: ${textOf(next.changedBy)} was followed three times today, and nobody was asked`,
    );
  }

  /** Whether we wrote the value last and read it back, and nobody has had a claim on the field since. */
  #isVerified(path: string, value: Json): boolean {
    const applied = [...this.intents.values()].filter(
      ({ outcome, entry, fields }) =>
        outcome === "applied" &&
        fields.some((field) => field.path === path) &&
        at(entry.body["authority"] as Json, "kind") === "standard",
    );
    const last = applied.at(-1);
    if (last === undefined || !last.fields.some((field) => field.path === path && isSame(field.after, value)))
      return false;
    const claims = [...this.documents.values()].filter(({ kind }) => kind === "claim");
    return !claims.some(
      (claim) => Number(claim["undoes"]) >= last.entry.seq && textOf(claim["fields"] ?? null).includes(path),
    );
  }

  /** A write that takes back another one. */
  #claimed(name: string, { entry, fields }: Intent, claim: Document): void {
    const report = this.#report;
    const isLive = claim["live"] === true && claim["state"] === "active" && claim["restored"] === false;
    report.expect(isLive, "I3", () => `${name} of a claim that is over or done`);
    const overdueMs = Date.parse(entry.at) - Date.parse(text(claim["until"]));
    report.expect(overdueMs <= DECIDED_WITHIN_MS, "I1", () => `${name} of a claim that ended ${overdueMs} ms ago`);
    const undone = this.intents.get(Number(claim["undoes"]));
    for (const { path, after } of fields) {
      const was = undone?.fields.find((field) => field.path === path)?.before;
      report.expect(
        isSame(after, was ?? null),
        "I16",
        () => `${name} puts ${textOf(after)} at ${path}, which was ${textOf(was)} before`,
      );
    }
  }

  #outcome(entry: Entry, before: Json): void {
    const { body } = entry;
    const report = this.#report;
    const intent = this.open;
    const name = `${this.name}: outcome ${entry.seq}`;
    if (!report.expect(intent?.entry.seq === body["intent"], "I12", () => `${name} of no open intent`)) return;
    if (intent === undefined) return;
    this.open = undefined;
    intent.outcome = text(body["result"]);
    const flying = intent.flights.some(({ state }) => state === "flying");
    report.expect(!flying, "I12", () => `${name} while the write is still on its way`);
    const account = this.#accountOf(this.key);
    const landed = intent.flights.find(({ state }) => state === "landed");
    const paths = intent.fields.map(({ path }) => path);
    const observed = (body["observed"] ?? null) as readonly { path: string; value: Json }[] | null;
    const reads = account.reads.filter(({ begunMs }) => begunMs >= intent.atMs);
    const isRead = reads.some(({ body: shown }) =>
      observed === null
        ? shown === undefined
        : observed.every(({ path, value }) => isObject(shown) && isSame(at(shown, path), value)),
    );
    report.expect(isRead, "I6", () => `${name} tells what no read-back showed`);
    if (intent.outcome === "applied") {
      // After reads that were stale the same may be asked for twice: then it is the earlier write that is there.
      const isOurs = landed !== undefined || paths.every((path) => account.isSetByUs(path));
      report.expect(isOurs, "I6", () => `${name} says applied, but nothing of ours arrived`);
      const isEnded = reads.some(({ body: shown }) =>
        terminal.includes(text(at(shown, "properties.provisioningState"))),
      );
      report.expect(isEnded, "I6", () => `${name} says applied while ARM was still at it`);
      const isThere =
        observed !== null &&
        intent.fields.every(({ path, after }) => isSame(observed.find((field) => field.path === path)?.value, after));
      report.expect(isThere, "I6", () => `${name} says applied, but something else was read back`);
      const authority = intent.entry.body["authority"] as Json;
      const { changedBy } = intent.entry.body;
      if (at(authority, "kind") === "standard")
        this.repairs.push({ standard: text(at(authority, "id")), changedBy, atMs: report.nowMs() });
      return;
    }
    const sinceMs = intent.atMs - DECIDED_WITHIN_MS;
    const isTouched = account.wasTouchedSince(sinceMs, paths) || account.wasAbsentSince(sinceMs);
    if (intent.outcome === "notApplied") {
      report.expect(isTouched || landed === undefined, "I12", () => `${name} says notApplied, but ours arrived`);
      return;
    }
    // When the answer was lost and somebody else wrote after us, nobody can tell whose value it is.
    const isMixed = at(before, "answer") === null && account.wasWrittenSince(intent.atMs);
    report.expect(isTouched || isMixed, "I12", () => `${name} says ${intent.outcome}, but nobody else was there`);
  }
}
