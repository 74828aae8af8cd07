/** What the product asks of Azure Resource Manager. */
import type { Account } from "../estate/account.ts";
import type { AccountAddress, ResourceId } from "../estate/resourceId.ts";
import type { Write } from "../desired/request.ts";
import type { ArmKind, Resource } from "../estate/sight.ts";

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

export type ResourceResult =
  | { readonly kind: "found"; readonly resource: Resource }
  | { readonly kind: "absent" }
  | { readonly kind: "failed"; readonly error: ArmError };

export type MembersResult =
  | { readonly kind: "listed"; readonly resources: readonly Resource[] }
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
  /** The service has no more queries for us until then; 0 when it has. */
  readonly waitMs: number;
}

export type PageResult =
  | { readonly kind: "page"; readonly page: AccountPage }
  | { readonly kind: "failed"; readonly error: ArmError };

/** What is left of ARM's read buckets of a subscription; undefined where the answer did not tell. */
export interface ReadBudget {
  /** Of our identity's own. */
  readonly own: number | undefined;
  /** Of the one that all identities share. */
  readonly shared: number | undefined;
}

export type BudgetResult =
  | { readonly kind: "told"; readonly budget: ReadBudget }
  /** Throttled, or no answer. */
  | { readonly kind: "failed"; readonly error: ArmError };

export interface Arm {
  readAccount(address: AccountAddress): Promise<ReadResult>;
  /** All that belongs to an account of one kind; `absent` accounts have none. A list that does not end is a failure. */
  listMembers(address: AccountAddress, kind: ArmKind): Promise<MembersResult>;
  /** One resource that belongs to an account. */
  readResource(address: AccountAddress, target: ResourceId): Promise<ResourceResult>;
  /** Sends one write to the account or what belongs to it. Aborts after `abortMs` of real time and then answers `lost`. */
  write(address: AccountAddress, write: Write, abortMs: number): Promise<WriteAnswer>;
  poll(url: string): Promise<PollResult>;
  /** One page of a subscription's accounts, as ARM has them. */
  listAccounts(subscriptionId: string, continuation: string | undefined): Promise<PageResult>;
  /**
   * One page of the accounts that Azure Resource Graph shows in these subscriptions. It lags behind ARM, and of what the
   * identity may not read it shows nothing and says nothing: a reason to look, never one to decide.
   */
  inventory(subscriptionIds: readonly string[], continuation: string | undefined): Promise<PageResult>;
  /** What is left to read in the subscription of an account, from the answer to reading it. Costs one read. */
  readBudget(address: AccountAddress): Promise<BudgetResult>;
}

/** What of it only reads: whoever holds no more cannot write. */
export type ArmReader = Pick<Arm, "readAccount" | "listMembers" | "readResource" | "listAccounts" | "readBudget">;
