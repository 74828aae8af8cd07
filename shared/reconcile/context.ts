/** What a pass works with: ports, clock, its own identity. Built once, by the composition root. */
import type { Clock } from "../kernel/clock.ts";
import type { Arm } from "../ports/arm.ts";
import type { Bus } from "../ports/bus.ts";
import type { Directory } from "../ports/directory.ts";
import type { Store } from "../ports/store.ts";
import type { ConfigReader } from "./configuration.ts";

export interface PassContext {
  readonly clock: Clock;
  readonly store: Store;
  readonly arm: Arm;
  readonly bus: Bus;
  readonly directory: Directory;
  readonly configuration: ConfigReader;
  /** Object ID of the identity that writes to the estate. */
  readonly self: string;
  /** Constant message, variable data in fields. */
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}
