/** What the product asks of Azure Resource Manager. */
import type { Account } from "../estate/account.ts";
import type { AccountAddress } from "../estate/resourceId.ts";
import type { Body } from "../desired/compare.ts";

/** How an ARM error is to be met; the table is in adapters/armErrors.ts. */
export type ErrorClass =
  /** Passes by itself: try again, after `retryAfterMs` if ARM said so. */
  | "retry"
  /** Passes when somebody acts (a lock is lifted, a right is given back): try again rarely. */
  | "retrySlowly"
  /** Will be refused again: give up and say so. */
  | "giveUp";

export interface ArmError {
  readonly class: ErrorClass;
  /** ARM's code, verbatim; `HttpNNN` when the answer had none. */
  readonly code: string;
  readonly message: string;
  readonly status: number;
  readonly retryAfterMs: number | undefined;
}

export type ReadResult =
  | { readonly kind: "found"; readonly account: Account }
  | { readonly kind: "absent" }
  | { readonly kind: "failed"; readonly error: ArmError };

export type WriteAnswer =
  /** ARM answered that the write is done. */
  | { readonly kind: "done" }
  /** ARM took it on and named an operation to poll. */
  | { readonly kind: "accepted"; readonly pollUrl: string; readonly retryAfterMs: number }
  /** ARM refused: nothing was written. */
  | { readonly kind: "refused"; readonly error: ArmError }
  /** No answer, or one that says nothing about the write (a 5xx): it may have been done, or may yet be. */
  | { readonly kind: "lost"; readonly reason: string };

export type PollResult =
  | { readonly kind: "running"; readonly retryAfterMs: number }
  /** Succeeded, failed or canceled: read back to know. */
  | { readonly kind: "ended"; readonly error: { readonly code: string; readonly message: string } | null }
  | { readonly kind: "failed"; readonly error: ArmError };

export interface AccountPage {
  readonly accounts: readonly AccountAddress[];
  readonly continuation: string | undefined;
}

export interface Arm {
  readAccount(address: AccountAddress): Promise<ReadResult>;
  /** Sends a merge patch. Aborts after `abortMs` of real time and then answers `lost`. */
  patchAccount(address: AccountAddress, body: Body, abortMs: number): Promise<WriteAnswer>;
  poll(url: string): Promise<PollResult>;
  /** One page of a subscription's accounts. @throws SteelyardError `Unavailable` or `Refused`. */
  listAccounts(subscriptionId: string, continuation: string | undefined): Promise<AccountPage>;
}
