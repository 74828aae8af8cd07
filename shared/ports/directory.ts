/**
 * The tenant's directory, as far as decisions need it: is whom a resource names still there, and enabled? Whoever calls
 * learns of nobody more than the object ID: names and addresses stay where they are kept.
 */
import type { Principal } from "../estate/sight.ts";

/** References that one call takes: what the adapter can ask in one batch, whatever they are. */
export const REFERENCES_MAX = 20;

export interface DirectoryError {
  /** The directory's code, verbatim; `HttpNNN` when the answer had none, `NoAnswer` when there was none. */
  readonly code: string;
  readonly message: string;
  /** When it is worth asking again, milliseconds from now; undefined when somebody has to act first (grant a right). */
  readonly retryAfterMs: number | undefined;
}

export type PrincipalsResult =
  | {
      readonly kind: "told";
      /** By reference in lower case, one for each that was asked; null when nobody in the directory goes by it. */
      readonly principals: Readonly<Record<string, Principal | null>>;
    }
  /** Nothing is known of any of them, not even that they are not there. */
  | { readonly kind: "failed"; readonly error: DirectoryError };

export interface Directory {
  /**
   * Who goes by these references: object IDs, mail addresses or user principal names, in any case. What is none of these
   * names nobody. Of several that go by one address the first counts: enabled before disabled, user before group, by ID.
   * A group is always enabled.
   * @throws SteelyardError `BadInput` for more than {@link REFERENCES_MAX}
   */
  principals(references: readonly string[]): Promise<PrincipalsResult>;
}
