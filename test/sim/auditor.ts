/**
 * The auditor. It sees what leaves the product for ARM and what arrives there, every version of every account, and every
 * document that is stored, and judges from that alone. It imports nothing of the product: not its types, not its hashes,
 * not its idea of what a standard demands.
 *
 * Messages name the invariant as the design numbers them. What cannot be judged from one moment (nothing is left undone,
 * nothing more is done) is judged by {@link Auditor.atRest} when the world has come to rest.
 */
import { Arrivals, isFrozen, isOwned, isPatch, writesPerHour } from "./auditor/gate.ts";
import { AccountFacts, type Flight, type ReadFact } from "./auditor/account.ts";
import { Seals, type SealDocument } from "./auditor/chain.ts";
import { allowsWriting, breaks, ConfigurationFacts, modeOf, type StandardFacts } from "./auditor/configuration.ts";
import { at, isObject, isSame, leaves, textOf, type JsonObject, text } from "./auditor/json.ts";
import { DECIDED_WITHIN_MS, Partition, type Change, type Document } from "./auditor/partition.ts";
import { Report, type Violation } from "./auditor/report.ts";

export type { Violation } from "./auditor/report.ts";
export type { Flight } from "./auditor/account.ts";
export type { StandardFacts } from "./auditor/configuration.ts";

/** A time that has come is noticed by the next run of the sweeper, a minute later at most. */
const NOTICED_WITHIN_MS = 120_000;

/** What ARM itself changes with every write. */
const armOwned = ["etag", "systemData", "properties.provisioningState"];

export interface DecisionFact {
  readonly proposal: string;
  readonly by: string;
  readonly verdict: string;
  /** Hash of what the person saw; undefined when it was not said. */
  readonly hash: string | undefined;
}

export interface AuditorOptions {
  readonly standards: readonly StandardFacts[];
  /** True time. */
  readonly nowMs: () => number;
}

export class Auditor {
  readonly #report = new Report();
  readonly #configuration: ConfigurationFacts;
  readonly #accounts = new Map<string, AccountFacts>();
  readonly #partitions = new Map<string, Partition>();
  readonly #seals = new Seals(this.#report);
  readonly #arrivals = new Arrivals();
  readonly #decided: DecisionFact[] = [];
  /** How often somebody tried to decide on a proposal. */
  readonly #asked = new Map<string, number>();
  /** Flight that is landing at this moment: the change of the account that follows is ours. */
  #landing = false;
  /** While true nothing may be written any more: everything is as it should be. */
  #isConverged = false;
  #sent = 0;

  constructor(options: AuditorOptions) {
    this.#report.nowMs = options.nowMs;
    this.#configuration = new ConfigurationFacts(options.standards);
  }

  get violations(): readonly Violation[] {
    return this.#report.violations;
  }

  /** Writes to the estate that left the product. */
  get sentCount(): number {
    return this.#sent;
  }

  /** Whether a write of the product is on its way. */
  get isFlying(): boolean {
    return [...this.#accounts.values()].some(({ flying }) => flying !== undefined);
  }

  // What happens at ARM.

  /** A read of an account was answered, or nothing came of it (`body` undefined). */
  read(fact: ReadFact): void {
    this.#account(fact.key).read(fact);
  }

  /** A write leaves the product. */
  sent(fact: { readonly atMs: number; readonly key: string; readonly body: unknown }): Flight {
    const { key, atMs } = fact;
    const account = this.#account(key);
    const body = fact.body as JsonObject;
    this.#sent += 1;
    const partition = this.#partitionOf(key);
    const intent = partition?.open;
    const report = this.#report;
    report.expect(!this.#isConverged, "I15", () => `a write to ${nameOf(key)}, which is as it should be`);
    report.expect(account.flying === undefined, "I12", () => `two writes to ${nameOf(key)} at the same time`);
    report.expect(intent !== undefined, "I12", () => `a write to ${nameOf(key)} without an intent`);
    report.expect(
      (intent?.flights.length ?? 0) === 0,
      "I12",
      () => `the write of intent ${intent?.entry.seq} was sent twice`,
    );
    const asked = leaves(body);
    for (const [path, value] of asked) {
      report.expect(value !== null, "I5", () => `a write to ${nameOf(key)} takes away ${path}`);
      const field = intent?.fields.find((item) => item.path === path);
      const isMeant = field !== undefined && isSame(field.after, value);
      report.expect(
        isMeant,
        "I16",
        () => `a write to ${nameOf(key)} sets ${path} to ${textOf(value)}, which its intent does not declare`,
      );
    }
    const isWhole = intent === undefined || intent.fields.every(({ path }) => asked.has(path));
    report.expect(isWhole, "I16", () => `a write to ${nameOf(key)} does not set all that its intent declares`);
    const flight: Flight = { key, sentMs: atMs, body, intent: intent?.entry.seq, state: "flying" };
    account.flights.push(flight);
    intent?.flights.push(flight);
    return flight;
  }

  /** A write is about to have its effect at ARM. */
  lands(): void {
    this.#landing = true;
  }

  /** ARM has served a write. */
  landed(flight: Flight, fact: { readonly status: number; readonly atMs: number }): void {
    this.#landing = false;
    const isDone = fact.status < 300;
    flight.state = isDone ? "landed" : "refused";
    if (!isDone) return;
    const { key } = flight;
    this.#arrived(flight, fact.atMs);
    const partition = this.#partitionOf(key);
    const isOpen = flight.intent !== undefined && partition?.open?.entry.seq === flight.intent;
    this.#report.expect(isOpen, "I12", () => `a write to ${nameOf(key)} arrived after its outcome was recorded`);
    const account = this.#account(key);
    const before = account.versions.at(-2)?.body;
    const declared = new Set(partition?.intents.get(flight.intent ?? -1)?.fields.map(({ path }) => path));
    for (const path of changedPaths(before, account.now)) {
      const isDeclared = declared.has(path) || armOwned.some((own) => path === own || path.startsWith(`${own}.`));
      this.#report.expect(
        isDeclared,
        "I16",
        () => `a write to ${nameOf(key)} changed ${path}, which its intent does not declare`,
      );
    }
    this.#report.expect(isObject(account.now), "I5", () => `a write to ${nameOf(key)} took it away`);
  }

  /** A standard's write has arrived: within any hour no more than the budgets allow. */
  #arrived({ key, intent }: Flight, atMs: number): void {
    const body = this.#partitionOf(key)?.intents.get(intent ?? -1)?.entry.body;
    if (body === undefined || at(body, "authority.kind") !== "standard") return;
    const standard = text(at(body, "authority.id"));
    const count = this.#arrivals.add(standard, atMs);
    const versions = this.#configuration.since(atMs - DECIDED_WITHIN_MS);
    const limit = Math.max(...versions.map((document) => writesPerHour(document, standard)));
    this.#report.expect(
      count <= limit,
      "I15",
      () => `write ${count} of ${standard} within an hour, of ${limit} at most`,
    );
  }

  /** A write will never arrive. */
  gone(flight: Flight): void {
    if (flight.state === "flying") flight.state = "gone";
  }

  /** An account is another one now, by whomever. */
  changed(fact: { readonly atMs: number; readonly key: string; readonly after: unknown }): void {
    this.#account(fact.key).changed({ atMs: fact.atMs, body: fact.after, isOurs: this.#landing });
  }

  // What happens in the store.

  committed(fact: {
    readonly atMs: number;
    readonly container: string;
    readonly pk: string;
    readonly changes: readonly Change[];
    /** The invocation that stored it. */
    readonly run: number | undefined;
  }): void {
    const { container, pk, changes, atMs, run } = fact;
    for (const { after } of changes) {
      if (container === "state" && after["kind"] === "config") this.#configuration.changed(atMs, after);
    }
    if (container === "seals") {
      for (const { before, after } of changes) {
        if (after["kind"] !== "seal") continue;
        this.#report.expect(before === undefined, "I12", () => `${after.id} was changed after it was made`);
        this.#seals.add(after as unknown as SealDocument, (of) => this.#partitions.get(of)?.chain);
      }
    }
    if (container !== "state" || !changes.some(({ after }) => after.id === "writer" || this.#partitions.has(pk)))
      return;
    let partition = this.#partitions.get(pk);
    if (partition === undefined) {
      partition = new Partition(this.#report, this.#configuration, (key) => this.#account(key));
      this.#partitions.set(pk, partition);
    }
    partition.commit(changes, { atMs, run });
    if (!this.#isConverged) return;
    const more = changes.filter(({ after }) => after.id !== "writer");
    this.#report.expect(
      more.length === 0,
      "I15",
      () => `${more[0]?.after.id} was written though all is as it should be`,
    );
  }

  /** A person asks for a decision to be recorded. */
  deciding({ proposal, by }: DecisionFact): void {
    const name = `${proposal} ${by}`;
    this.#asked.set(name, (this.#asked.get(name) ?? 0) + 1);
  }

  /** A person was told that the decision is recorded. */
  decided(fact: DecisionFact): void {
    this.#decided.push(fact);
  }

  // When the world has come to rest.

  /** Whether every wish is served, every write has its outcome, and none waits to be tried again. */
  get isServed(): boolean {
    const now = new Date(this.#report.nowMs() - NOTICED_WITHIN_MS).toISOString();
    return [...this.#partitions.values()].every(({ writer, documents }) => {
      if (writer?.["wanted"] !== writer?.["served"] || (writer?.["fence"] ?? null) !== null) return false;
      return ![...documents.values()].some((document) => document["live"] === true && isWaiting(document, now));
    });
  }

  /** Everything is served, settled, recorded, and either as it should be or in the hands of people. */
  atRest(): void {
    for (const partition of this.#partitions.values()) {
      const name = nameOf(partition.key);
      const { writer, open } = partition;
      const isServed = writer?.["wanted"] === writer?.["served"];
      this.#report.expect(
        isServed,
        "I8",
        () => `${name}: ${textOf(writer?.["served"])} of ${textOf(writer?.["wanted"])} wishes are served`,
      );
      this.#report.expect((writer?.["fence"] ?? null) === null, "I12", () => `${name}: a fence stands`);
      this.#report.expect(open === undefined, "I12", () => `${name}: intent ${open?.entry.seq} has no outcome`);
      this.#live(partition, name);
      for (const standard of this.#configuration.standards) this.#standard(partition, standard, name);
    }
    for (const fact of this.#decided) this.#decision(fact);
  }

  /** What somebody was told is recorded is, and it is about what that person saw. */
  #decision(fact: DecisionFact): void {
    const { proposal, by, verdict, hash } = fact;
    const [, pk = ""] = proposal.split("-");
    const document = this.#partitions.get(pk)?.documents.get(proposal);
    const decisions = document?.["decisions"];
    const isKept =
      Array.isArray(decisions) && decisions.some((item) => at(item, "by") === by && at(item, "verdict") === verdict);
    this.#report.expect(isKept, "I9", () => `${by} decided "${verdict}" on ${proposal}, and it is lost`);
    // Whoever tries twice may be answered by what was recorded the first time.
    const isOnly = this.#asked.get(`${proposal} ${by}`) === 1;
    const isSeen = hash === undefined || !isOnly || hash === document?.["hash"];
    this.#report.expect(isSeen, "I2", () => `${by} decided on ${proposal} and had seen something else`);
  }

  /** What nobody decided in time has been put to more people. */
  escalated(): void {
    const now = new Date(this.#report.nowMs() - NOTICED_WITHIN_MS).toISOString();
    for (const { documents, key } of this.#partitions.values()) {
      for (const { id, live, state, escalateAt } of documents.values()) {
        const isMissed = live === true && state === "open" && text(escalateAt ?? "9") < now;
        this.#report.expect(!isMissed, "I8", () => `${nameOf(key)}: ${id} should have been put to more people`);
      }
    }
  }

  /** From now on every write is one too many. */
  converged(): void {
    this.#isConverged = true;
  }

  /** Nothing is sealed late: every chain is sealed to its end. */
  sealed(): void {
    for (const [pk, { chain, key }] of this.#partitions) {
      this.#report.expect(
        (this.#seals.sealed.get(pk) ?? 0) === chain.seq,
        "I12",
        () => `${nameOf(key)}: ${chain.seq} entries, sealed to ${this.#seals.sealed.get(pk) ?? 0}`,
      );
    }
  }

  /** No agreed change is left lying, no time has passed unnoticed. */
  #live({ documents, key }: Partition, name: string): void {
    const now = new Date(this.#report.nowMs() - NOTICED_WITHIN_MS).toISOString();
    const configuration = this.#configuration.now;
    for (const document of documents.values()) {
      if (document["live"] !== true) continue;
      const { id } = document;
      const isTried = Number(document["attempts"] ?? 0) > 0 && at(document, "condition.reason") === "Stalled";
      if (document["kind"] === "proposal") {
        const standard = this.#configuration.standard(at(document, "standard.id"));
        const isHeld =
          standard !== undefined && breaks(standard, configuration, key, this.#account(key).now) === "held";
        const mayWrite = allowsWriting(configuration, key);
        const isLeft =
          document["state"] === "approved" && !isTried && !isHeld && mayWrite && !this.#isPutOff(document, standard);
        this.#report.expect(
          !isLeft,
          "I7",
          () => `${name}: ${id} is approved and nothing is done: ${textOf(document["condition"])}`,
        );
        const isOverdue = document["state"] === "open" && text(document["expiresAt"]) < now;
        this.#report.expect(!isOverdue, "I3", () => `${name}: ${id} should have expired`);
      }
      if (document["kind"] === "claim") {
        this.#report.expect(text(document["until"]) > now, "I1", () => `${name}: claim ${id} should have ended`);
      }
    }
  }

  /** Whether the gate holds a write off, and says until when where that is known. */
  #isPutOff(document: Document, standard: StandardFacts | undefined): boolean {
    if (standard === undefined) return false;
    const configuration = this.#configuration.now;
    const nowMs = this.#report.nowMs();
    const reason = at(document, "condition.reason");
    const until = Date.parse(text(document["wakeAt"] ?? ""));
    if (reason === "OwnedByTemplate") return isOwned(configuration, standard.path);
    if (reason === "Frozen") return isFrozen(configuration, standard.id, nowMs) && until > nowMs - NOTICED_WITHIN_MS;
    return reason === "Budget" && until > nowMs - NOTICED_WITHIN_MS;
  }

  /** A breach is repaired, or put to people, or told, as far as the mode goes. */
  #standard(partition: Partition, standard: StandardFacts, name: string): void {
    const body = this.#account(partition.key).now;
    const configuration = this.#configuration.now;
    const documents = [...partition.documents.values()].filter((document) => document["live"] === true);
    const isOf = (document: Document): boolean => at(document, "standard.id") === standard.id;
    const finding = documents.find((document) => document["kind"] === "finding" && isOf(document));
    const breach = body === undefined ? "no" : breaks(standard, configuration, partition.key, body);
    const what = `${name}: ${standard.id}`;
    this.#report.expect(breach === "no" || finding !== undefined, "I8", () => `${what} is broken and not found`);
    this.#report.expect(breach !== "no" || finding === undefined, "I8", () => `${what} is kept and still found broken`);
    if (breach !== "yes" || configuration["paused"] === true) return;
    const isWaived = documents.some(
      (document) =>
        document["kind"] === "claim" &&
        document["state"] === "active" &&
        textOf(document["assertions"]).includes(standard.path),
    );
    const mode = modeOf(configuration, standard, partition.key);
    if (mode === 0 || isWaived) return;
    if (isOwned(configuration, standard.path)) {
      const isTold = isPatch(finding?.["patch"], standard.path, standard.value);
      this.#report.expect(isTold, "I8", () => `${what} belongs to a template, and the finding has no patch for it`);
      return;
    }
    const current = at(body, standard.path);
    const isAsked = documents.some((document) => {
      const [field] =
        document["kind"] === "proposal" && isOf(document) ? (document["fields"] as readonly JsonObject[]) : [];
      return field?.["path"] === standard.path && isSame(field["before"] ?? null, current);
    });
    this.#report.expect(isAsked, "I1", () => `${what} is broken and nobody is asked`);
  }

  #account(key: string): AccountFacts {
    let account = this.#accounts.get(key);
    if (account === undefined) this.#accounts.set(key, (account = new AccountFacts()));
    return account;
  }

  #partitionOf(key: string): Partition | undefined {
    return [...this.#partitions.values()].find((partition) => partition.key === key);
  }
}

function changedPaths(before: unknown, after: unknown): string[] {
  const from = isObject(before) ? leaves(before) : new Map<string, never>();
  const to = isObject(after) ? leaves(after) : new Map<string, never>();
  const paths = new Set([...from.keys(), ...to.keys()]);
  return [...paths].filter((path) => !isSame(from.get(path) ?? null, to.get(path) ?? null));
}

/** Agreed to, and to be tried at a later time. */
function isWaiting(document: Document, now: string): boolean {
  const isAgreed =
    document["state"] === "approved" || (document["state"] === "active" && document["restored"] === false);
  return isAgreed && text(document["notBefore"] ?? "") > now;
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}
