/** The hash chains and the seals, verified by the auditor's own hand. */
import { sha256, type Json, type JsonObject } from "./json.ts";
import type { Report } from "./report.ts";

export interface Entry {
  readonly id: string;
  readonly pk: string;
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  readonly key: string;
  readonly body: JsonObject;
  readonly prev: string;
  readonly hash: string;
}

const nothing = "0".repeat(64);

export class Chain {
  readonly #report: Report;
  readonly entries: Entry[] = [];

  constructor(report: Report) {
    this.#report = report;
  }

  get seq(): number {
    return this.entries.length;
  }

  get hash(): string {
    return this.entries.at(-1)?.hash ?? nothing;
  }

  add(entry: Entry): void {
    const { pk, key, seq, at, type, body, prev, hash } = entry;
    const name = `entry ${seq} of chain ${pk.slice(0, 6)}`;
    this.#report.expect(seq === this.seq + 1, "I12", () => `${name} follows entry ${this.seq}`);
    this.#report.expect(prev === this.hash, "I12", () => `${name} does not hold the hash of the one before`);
    const own = sha256({ pk, key, seq, at, type, body, prev });
    this.#report.expect(own === hash, "I12", () => `${name} has not the hash of its content`);
    this.entries.push(entry);
  }

  /** The chain's head as the writer document tells it must be that of the last entry. */
  checkHead(head: { readonly seq: number; readonly hash: string }): void {
    const holds = head.seq === this.seq && head.hash === this.hash;
    this.#report.expect(holds, "I12", () => `the head says ${head.seq}, the chain has ${this.seq} entries`);
  }
}

export interface SealDocument {
  readonly seq: number;
  readonly at: string;
  readonly prev: string;
  readonly heads: { readonly [pk: string]: { readonly seq: number; readonly hash: string } };
  readonly root: string;
}

export class Seals {
  readonly #report: Report;
  #last = { seq: 0, root: nothing };
  readonly sealed = new Map<string, number>();

  constructor(report: Report) {
    this.#report = report;
  }

  add(seal: SealDocument, chainOf: (pk: string) => Chain | undefined): void {
    const { seq, at, prev, heads, root } = seal;
    const follows = seq === this.#last.seq + 1 && prev === this.#last.root;
    this.#report.expect(follows, "I12", () => `seal ${seq} does not follow seal ${this.#last.seq}`);
    const own = sha256({ seq, at, prev, heads: heads as unknown as Json });
    this.#report.expect(own === root, "I12", () => `seal ${seq} has not the hash of its content`);
    for (const [pk, head] of Object.entries(heads)) {
      const entry = chainOf(pk)?.entries[head.seq - 1];
      this.#report.expect(
        entry?.hash === head.hash,
        "I12",
        () => `seal ${seq} seals what chain ${pk.slice(0, 6)} does not have`,
      );
      const before = this.sealed.get(pk) ?? 0;
      this.#report.expect(
        head.seq > before,
        "I12",
        () => `seal ${seq} seals chain ${pk.slice(0, 6)} at ${head.seq} after ${before}`,
      );
      this.sealed.set(pk, Math.max(before, head.seq));
    }
    this.#last = { seq, root };
  }
}
