/** The directory port in memory. One process; latency and faults are whoever wraps it, or {@link MemoryDirectory.away}. */
import type { Principal } from "../../shared/estate/sight.ts";
import { SteelyardError } from "../../shared/kernel/errors.ts";
import {
  REFERENCES_MAX,
  type Directory,
  type DirectoryError,
  type PrincipalsResult,
} from "../../shared/ports/directory.ts";

export interface KnownPrincipal extends Principal {
  /** Mail addresses and user principal name. */
  readonly addresses?: readonly string[];
}

export class MemoryDirectory implements Directory {
  /** Whom it holds; tests add, disable and remove. */
  known: readonly KnownPrincipal[];
  /** While it is set nothing is answered but this. */
  away: DirectoryError | undefined;

  constructor(known: readonly KnownPrincipal[] = []) {
    this.known = known;
  }

  async principals(references: readonly string[]): Promise<PrincipalsResult> {
    if (references.length > REFERENCES_MAX)
      throw new SteelyardError("BadInput", `found ${references.length} references; expected at most ${REFERENCES_MAX}`);
    if (this.away !== undefined) return { kind: "failed", error: this.away };
    const names = [...new Set(references.map((reference) => reference.toLowerCase()))];
    return { kind: "told", principals: Object.fromEntries(names.map((name) => [name, this.#find(name)])) };
  }

  #find(name: string): Principal | null {
    const order = { user: 0, group: 1, servicePrincipal: 2 };
    const [first] = this.known
      .filter(({ oid, addresses = [] }) => [oid, ...addresses].some((one) => one.toLowerCase() === name))
      .toSorted(
        (one, other) =>
          Number(other.enabled) - Number(one.enabled) ||
          order[one.kind] - order[other.kind] ||
          one.oid.localeCompare(other.oid),
      );
    return first === undefined ? null : { oid: first.oid.toLowerCase(), kind: first.kind, enabled: first.enabled };
  }
}
