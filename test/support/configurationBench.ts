/** People, the configuration and its writer over the store in memory, with a clock that is moved by hand. */
import type { ConfigInput } from "../../shared/config/schema.ts";
import { configAddress, configSchema, type Config } from "../../shared/config/schema.ts";
import type { CurrentDocument } from "../../shared/config/documents.ts";
import type { LedgerEntry } from "../../shared/ledger/chain.ts";
import type { DeskContext } from "../../shared/reconcile/desk.ts";
import {
  decideChange,
  submit,
  type ChangeDecision,
  type Submission,
  type Submitted,
} from "../../shared/reconcile/configurationWriter.ts";
import { configReader } from "../../shared/reconcile/configuration.ts";
import type { Writer } from "../../shared/writer/writer.ts";
import { MemoryStore } from "./memoryStore.ts";

const person = (last: string): string => `00000000-0000-4000-8000-0000000000${last}`;
export const [ada, ben, cleo] = [person("0a"), person("0b"), person("0c")] as const;
export const corp = "5b000000-0000-4000-8000-000000000001";
export const online = "5b000000-0000-4000-8000-000000000003";

/** Two subscriptions, one standard that asks. */
export function baseline(changes: Partial<ConfigInput> = {}): Config {
  return configSchema.parse({
    version: 1,
    subscriptions: [
      { id: corp, name: "corp", archetype: "corp", level: "approve" },
      { id: online, name: "online", archetype: "online", level: "approve" },
    ],
    standards: [{ id: "NET-01", mode: "approve" }],
    ...changes,
  });
}

type Make = (config: Config) => unknown;

export class ConfigurationBench {
  readonly store = new MemoryStore();
  nowMs = Date.UTC(2026, 10, 21, 10);
  readonly context: DeskContext = {
    clock: { now: () => this.nowMs },
    store: this.store,
    bus: { wake: async () => {} },
    configuration: configReader(this.store),
    log: () => {},
  };

  submit(by: string, make: Make, more: Partial<Submission> = {}): Promise<Submitted> {
    return submit(this.context, { by, reason: null, base: undefined, make, ...more });
  }

  decide(by: string, change: { id: string; hash: string }, verdict: ChangeDecision["verdict"] = "approve") {
    return decideChange(this.context, { change: change.id, hash: change.hash, verdict, by, reason: null });
  }

  /** Version 1 is `config`, whatever it takes. */
  async lay(config: Config = baseline()): Promise<void> {
    const submitted = await this.submit(ada, () => config);
    if (submitted.kind === "pending") await this.decide(ben, submitted.change);
  }

  async current(): Promise<CurrentDocument> {
    const { container, pk, id } = configAddress;
    const read = await this.store.read<CurrentDocument>(container, pk, id);
    if (read === undefined) throw new Error("nothing was applied");
    return read.document;
  }

  async writer(): Promise<Writer> {
    const read = await this.store.read<Writer>("state", configAddress.pk, "writer");
    if (read === undefined) throw new Error("there is no writer");
    return read.document;
  }

  async ledger(): Promise<LedgerEntry[]> {
    const query = { container: "state", pk: configAddress.pk, kinds: ["entry"], pageSize: 1_000 } as const;
    const { items } = await this.store.query<LedgerEntry>(query);
    return [...items].sort((a, b) => a.seq - b.seq);
  }
}

/** The change that waits. */
export function pending(submitted: Submitted): Extract<Submitted, { kind: "pending" }>["change"] {
  if (submitted.kind !== "pending") throw new Error(`expected a change that waits, got ${submitted.kind}`);
  return submitted.change;
}
