/** Collects what one decision produces: documents to store, entries for the ledger, writes that may go ahead. */
import type { EntryType, LedgerRecord } from "../ledger/chain.ts";
import type { Change } from "./change.ts";
import type { StateDocument } from "./documents.ts";
import type { Body } from "./compare.ts";
import type { DecideInput, DecideResult, Target } from "./judgement.ts";
import { isMadeByRemedies } from "../estate/member.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import { sameJson } from "../kernel/canonicalJson.ts";

/** A target as a decision sees it. */
export interface Seen extends Omit<Target, "body"> {
  /** Empty when it is not there, or was not read. */
  readonly body: Body;
  readonly isThere: boolean;
  /** It is there, or not: Azure did not say. `body` tells nothing then, and nothing is written or called off. */
  readonly isUnread: boolean;
}

export class Draft {
  readonly input: DecideInput;
  readonly #upserts = new Map<string, StateDocument>();
  readonly #records: LedgerRecord[] = [];
  readonly #apply: Change[] = [];
  #retryMs: number | undefined;
  #more = false;

  constructor(input: DecideInput) {
    this.input = input;
  }

  /** The live documents of a kind, as they were before this decision. */
  documents<K extends StateDocument["kind"]>(kind: K): Extract<StateDocument, { kind: K }>[] {
    return this.input.documents.filter(
      (document): document is Extract<StateDocument, { kind: K }> => document.kind === kind && document.live,
    );
  }

  /** The account, or a resource that belongs to it. */
  seen(target: ResourceId): Seen {
    const { key, observed, unreadable, targets, changedBy, changedAt, createdAt, pipeline } = this.input;
    const known: Target | undefined =
      target === key ? { body: observed, changedBy, changedAt, createdAt, pipeline } : targets.get(target);
    const isUnread = unreadable || known === undefined;
    const { body } = known ?? {};
    return {
      changedBy: known?.changedBy ?? null,
      changedAt: known?.changedAt ?? null,
      pipeline: known?.pipeline,
      // What a remedy makes has no age of its own that means anything: it is the account's.
      createdAt: isMadeByRemedies(target) ? createdAt : (known?.createdAt ?? null),
      body: body ?? {},
      isThere: body !== undefined,
      isUnread,
    };
  }

  /** Whether this decision may produce more; when not, the rest is left to the next one. */
  hasRoom(): boolean {
    if (this.#upserts.size + this.#records.length < this.input.room) return true;
    this.#more = true;
    return false;
  }

  upsert(document: StateDocument): void {
    this.#upserts.set(document.id, document);
  }

  /** Stores a document only when it is not as it was. */
  update<D extends StateDocument>(before: D, after: D): void {
    if (!sameJson(before, after)) this.upsert(after);
  }

  /** Whether this decision ended the document. */
  isEnded(id: string): boolean {
    return this.#upserts.get(id)?.live === false;
  }

  /** Where the next entry will stand, for {@link record}. */
  get place(): number {
    return this.#records.length;
  }

  /** Number that the next entry of the ledger will have, if nothing is put before it. */
  get nextSeq(): number {
    return this.input.nextSeq + this.#records.length;
  }

  record(type: EntryType, body: unknown, place = this.#records.length): void {
    this.#records.splice(place, 0, { type, body });
  }

  apply(change: Change): void {
    this.#apply.push(change);
  }

  /** Something waits until then, within this pass or not. */
  retryAt(ms: number): void {
    this.#retryMs = Math.min(this.#retryMs ?? Infinity, ms);
  }

  result(): DecideResult {
    return {
      more: this.#more,
      upserts: [...this.#upserts.values()],
      records: this.#records,
      apply: this.#apply,
      retryMs: this.#retryMs,
    };
  }
}
