/** What the auditor knows of one account: what it was when, what of it was read when, and which of our writes are under way. */
import { at, isSame, type JsonObject } from "./json.ts";

export interface ReadFact {
  readonly key: string;
  /** The invocation that asked. */
  readonly run: number;
  /** When the product asked, and when ARM answered. */
  readonly begunMs: number;
  readonly atMs: number;
  /** What was shown; undefined when nothing was. */
  readonly body: unknown;
}

/** One write request of the product, from its leaving on. */
export interface Flight {
  readonly key: string;
  readonly sentMs: number;
  readonly body: JsonObject;
  /** Sequence number of the intent that it was sent under; undefined when there was none. */
  readonly intent: number | undefined;
  state: "flying" | "landed" | "refused" | "gone";
}

interface Version {
  readonly atMs: number;
  readonly body: unknown;
  readonly isOurs: boolean;
}

const READS_KEPT = 60;
const VERSIONS_KEPT = 200;

export class AccountFacts {
  readonly versions: Version[] = [];
  readonly reads: ReadFact[] = [];
  readonly flights: Flight[] = [];

  changed(version: Version): void {
    this.versions.push(version);
    if (this.versions.length > VERSIONS_KEPT) this.versions.shift();
  }

  read(fact: ReadFact): void {
    this.reads.push(fact);
    if (this.reads.length > READS_KEPT) this.reads.shift();
  }

  /** The last read of an invocation. */
  lastReadBy(run: number | undefined): ReadFact | undefined {
    return this.reads.findLast((fact) => fact.run === run);
  }

  get now(): unknown {
    return this.versions.at(-1)?.body;
  }

  get flying(): Flight | undefined {
    return this.flights.find(({ state }) => state === "flying");
  }

  /** Whether the value at the path was this at any moment since then. */
  wasSince(sinceMs: number, path: string, value: unknown): boolean {
    return this.since(sinceMs).some(({ body }) => isSame(at(body, path), value ?? null));
  }

  /** Whether the account was not there at any moment since then. */
  wasAbsentSince(sinceMs: number): boolean {
    return this.since(sinceMs).some(({ body }) => body === undefined);
  }

  /** Whether somebody else changed one of the paths since then. */
  wasTouchedSince(sinceMs: number, paths: readonly string[]): boolean {
    return this.versions.some((version, index) => {
      if (version.atMs < sinceMs || version.isOurs) return false;
      const before = this.versions[index - 1]?.body;
      return (
        before === undefined ||
        version.body === undefined ||
        paths.some((path) => !isSame(at(before, path), at(version.body, path)))
      );
    });
  }

  /** Whether the value at the path was put there by us. */
  isSetByUs(path: string): boolean {
    const value = at(this.now, path);
    const first = this.versions.findLastIndex(({ body }) => !isSame(at(body, path), value)) + 1;
    return this.versions[first]?.isOurs === true;
  }

  /** Whether somebody else wrote anything since then. */
  wasWrittenSince(sinceMs: number): boolean {
    return this.versions.some(({ atMs, isOurs }) => atMs >= sinceMs && !isOurs);
  }

  /** The version that held at that time, and all later ones. */
  since(sinceMs: number): Version[] {
    const first = this.versions.findLastIndex(({ atMs }) => atMs <= sinceMs);
    return this.versions.slice(Math.max(first, 0));
  }
}
