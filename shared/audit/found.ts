/** What a file of resources holds, whatever its shape: resources by ID, and which lists it holds whole. */
import type { JsonObject } from "../standards/policy/values.ts";

/**
 * Where a resource was read, which says what its silence means. `answer`: as Azure answers a GET. `row`: of Resource Graph,
 * where a query chooses the columns. `declared`: of a template or a what-if, where a text may be an expression.
 */
export type Origin = "answer" | "row" | "declared";

export interface FoundResource {
  /** Its ID as it stands in the file; of a template's resource without an ID, its type and names. */
  readonly given: string;
  /** The same in lower case: what it is told apart by. */
  readonly key: string;
  readonly type: string;
  readonly body: JsonObject;
  readonly origin: Origin;
  /** File and JSON pointer, for people. */
  readonly where: string;
  /** Key of what it belongs to where its ID does not tell: a template may make up names as it is deployed. */
  readonly parent?: string;
  /** It stands in a list of which the file holds a part only. */
  readonly ofPart?: true;
}

/** A list that the file holds, by the address that it was read from; it may be empty. */
export interface FoundList {
  /** Path of the list's address in lower case, without host and query. */
  readonly path: string;
  /** The same as it was spelled. */
  readonly given: string;
  /** The file holds a page of it and the next one is not there, or what was asked for was not all of it. */
  readonly isPart: boolean;
}

export interface Found {
  readonly resources: readonly FoundResource[];
  readonly lists: readonly FoundList[];
  /** What people should know of the file: that it is a part, what was left out and why. */
  readonly notes: readonly string[];
}
