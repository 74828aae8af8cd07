/** What colleagues and pipelines do by themselves as time goes by: a script, the same for the same seed. */
import type { Breach } from "./scenario.ts";

/** A request to ARM. */
export interface ArmStep {
  readonly kind: "arm";
  readonly method: "PUT" | "PATCH" | "POST" | "DELETE";
  /** Resource ID, with the action of a POST. */
  readonly id: string;
  readonly apiVersion: string;
  readonly body?: object;
  /** Left out when the resource already is so: whoever comes back to it looks first. */
  readonly unless?: { readonly path: string; readonly is: unknown };
}

/** Somebody is disabled in the directory, or enabled again. */
export interface DirectoryStep {
  readonly kind: "directory";
  readonly oid: string;
  readonly enabled: boolean;
}

export interface Act {
  /** Once in its day. */
  readonly id: string;
  /** Milliseconds after the day began. */
  readonly afterMs: number;
  /** Object ID of a person or service principal; nobody in particular changes the directory. */
  readonly by: string;
  /** What it is, as a colleague would tell it. */
  readonly title: string;
  readonly step: ArmStep | DirectoryStep;
  /** What a standard finds of it; undefined for what is allowed. */
  readonly breach?: Breach;
}

export interface Day {
  readonly lengthMs: number;
  /** The acts of a day, counted from 0, in the order in which they fall due. */
  readonly acts: (number: number) => readonly Act[];
}
