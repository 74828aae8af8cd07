/** What the configuration said when. */
import { at, isObject, type JsonObject, text } from "./json.ts";

/** A standard as the auditor knows it. */
export interface StandardFacts {
  readonly id: string;
  readonly path: string;
  readonly value: unknown;
  readonly archetypes: readonly string[];
  /** Safe to do unasked; otherwise never without a person. */
  readonly isSafe: boolean;
  /** Needs an approved private endpoint before it is put to anybody. */
  readonly needsEndpoint: boolean;
}

const ranks = ["audit", "approve", "enforce"];
const levelRank: Readonly<Record<string, number>> = { audit: 0, reader: 0, approve: 1, enforce: 2 };

export class ConfigurationFacts {
  readonly standards: readonly StandardFacts[];
  readonly #versions: { readonly atMs: number; readonly document: JsonObject }[] = [];

  constructor(standards: readonly StandardFacts[]) {
    this.standards = standards;
  }

  changed(atMs: number, document: JsonObject): void {
    this.#versions.push({ atMs, document });
  }

  get now(): JsonObject {
    return this.#versions.at(-1)?.document ?? {};
  }

  /** The version that held at that time, and all later ones. */
  since(sinceMs: number): JsonObject[] {
    const first = this.#versions.findLastIndex(({ atMs }) => atMs <= sinceMs);
    return this.#versions.slice(Math.max(first, 0)).map(({ document }) => document);
  }

  standard(id: unknown): StandardFacts | undefined {
    return this.standards.find((standard) => standard.id === id);
  }
}

export function subscriptionIn(document: JsonObject, key: string): JsonObject | undefined {
  const id = key.split("/")[2];
  const list = document["subscriptions"];
  return Array.isArray(list) ? (list as JsonObject[]).find((item) => item["id"] === id) : undefined;
}

/** Whether the configuration lets anything be written to the account. */
export function allowsWriting(document: JsonObject, key: string): boolean {
  const level = subscriptionIn(document, key)?.["level"];
  return document["paused"] !== true && (level === "approve" || level === "enforce");
}

/** What may be done about a breach there: 0 tell, 1 ask, 2 write unasked. */
export function modeOf(document: JsonObject, standard: StandardFacts, key: string): number {
  return Math.min(configuredMode(document, standard, key), standard.isSafe ? 2 : 1);
}

/** The same, whatever the remedy may cut. */
export function configuredMode(document: JsonObject, standard: StandardFacts, key: string): number {
  const level = levelRank[text(subscriptionIn(document, key)?.["level"])] ?? 0;
  const settings = document["standards"];
  const setting = Array.isArray(settings)
    ? (settings as JsonObject[]).find((item) => item["id"] === standard.id)
    : undefined;
  const mode = setting === undefined ? 0 : ranks.indexOf(text(setting["mode"]));
  return Math.min(level, mode);
}

/** People whose approval is needed. */
export function quorumIn(document: JsonObject): number {
  const { quorum } = document;
  return typeof quorum === "number" ? quorum : 1;
}

/** Whether the account breaks the standard, and can be put right. */
export function breaks(
  standard: StandardFacts,
  document: JsonObject,
  key: string,
  body: unknown,
): "no" | "held" | "yes" {
  const archetype = subscriptionIn(document, key)?.["archetype"];
  if (!standard.archetypes.includes(text(archetype))) return "no";
  if (at(body, standard.path) === standard.value) return "no";
  if (!standard.needsEndpoint) return "yes";
  const connections = at(body, "properties.privateEndpointConnections");
  const approved = Array.isArray(connections)
    ? connections.some((item) => at(item, "properties.privateLinkServiceConnectionState.status") === "Approved")
    : false;
  return isObject(body) && approved ? "yes" : "held";
}
