/**
 * The configuration as it is kept: the current document, which passes read, and one copy of each version, which is never
 * changed again. Both are written in one transaction with the ledger entry that says who changed what.
 */
import { activationsOf, configAddress, configSchema, type Activations, type Config } from "./schema.ts";
import type { Difference } from "./difference.ts";
import type { Guarded } from "./guarded.ts";
import type { Left } from "./left.ts";

/** The configuration itself, with what its writer knows beside it. */
export type CurrentDocument = Config & {
  readonly id: string;
  readonly pk: string;
  readonly kind: "config";
  readonly activations: Activations;
  /** What `leftOf` says (left.ts); absent where nothing was withdrawn. */
  readonly left?: readonly Left[];
  /** Business time, ISO 8601. */
  readonly appliedAt: string;
  /** Object ID of whoever proposed it; null for what was laid down with the store. */
  readonly appliedBy: string | null;
};

export interface VersionDocument {
  readonly id: string;
  readonly pk: string;
  readonly kind: "configVersion";
  readonly version: number;
  readonly config: Config;
  readonly appliedAt: string;
  readonly appliedBy: string | null;
  /** Who else agreed to it. */
  readonly agreedBy: readonly string[];
  readonly reason: string | null;
  /** How many values differ from the version before. */
  readonly changed: number;
}

/** A change that waits for a second person, or did. */
export interface ChangeDocument {
  readonly id: string;
  readonly pk: string;
  readonly kind: "configChange";
  readonly state: "open" | "applied" | "rejected" | "void";
  /** Version that it changes; when another is current, the change is void. */
  readonly base: number;
  readonly config: Config;
  /** The first of the values that differ, and how many do. */
  readonly changes: readonly Difference[];
  readonly changed: number;
  /** What in it needs the second person. */
  readonly needs: readonly Guarded[];
  /** Of base and configuration: what is agreed to. */
  readonly hash: string;
  readonly by: string;
  readonly reason: string | null;
  readonly askedAt: string;
  readonly expiresAt: string;
  readonly decisions: readonly {
    readonly by: string;
    readonly verdict: "approve" | "reject";
    readonly reason: string | null;
    readonly at: string;
  }[];
}

/** Ids sort as the numbers do. */
export function versionId(version: number): string {
  return `version-${String(version).padStart(10, "0")}`;
}

/** What came before version 1: nothing is enrolled, nothing is configured. */
export const noConfig: Config = { ...configSchema.parse({ version: 1, subscriptions: [], standards: [] }), version: 0 };

export interface Applied {
  readonly at: string;
  readonly by: string | null;
  readonly agreedBy: readonly string[];
  readonly reason: string | null;
  readonly changed: number;
}

/** Both documents of a version. `activations`: of the version before. `left`: as of this version. */
export function documentsOf(
  config: Config,
  activations: Activations,
  { at, by, agreedBy, reason, changed }: Applied,
  left: readonly Left[] = [],
): { readonly current: CurrentDocument; readonly version: VersionDocument } {
  const { pk, id } = configAddress;
  const applied = { appliedAt: at, appliedBy: by };
  return {
    current: {
      ...config,
      id,
      pk,
      kind: "config",
      activations: activationsOf(config, activations, at),
      ...(left.length === 0 ? {} : { left }),
      ...applied,
    },
    version: {
      id: versionId(config.version),
      pk,
      kind: "configVersion",
      version: config.version,
      config,
      ...applied,
      agreedBy,
      reason,
      changed,
    },
  };
}
