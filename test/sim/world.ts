/** The parts of one simulated world and what an invocation in it works with. */
import type { Clock } from "../../shared/kernel/clock.ts";
import type { Bus } from "../../shared/ports/bus.ts";
import { SteelyardError } from "../../shared/kernel/errors.ts";
import { compile, type Compiled, type ConfigReader } from "../../shared/reconcile/configuration.ts";
import { configAddress, configSchema } from "../../shared/config/schema.ts";
import type { PassContext } from "../../shared/reconcile/context.ts";
import type { Store, StoredDocument } from "../../shared/ports/store.ts";
import { MemoryDirectory } from "../support/memoryDirectory.ts";
import { MemoryStore, type Commit } from "../support/memoryStore.ts";
import { LaneArm } from "./armPort.ts";
import { Auditor } from "./auditor.ts";
import type { Document } from "./auditor/partition.ts";
import { Estate, self } from "./estate.ts";
import { Faults, FREEZE_MS_MAX } from "./faults.ts";
import { Process, type Lane, type Machine } from "./process.ts";
import { Random } from "./random.ts";
import { Scheduler } from "./scheduler.ts";
import { simStandard, standardFacts } from "./standards.ts";
import { LaneStore } from "./storePort.ts";
import { Trace } from "./trace.ts";

/** Monday, 2 March 2026, 09:00 UTC. */
export const startMs = Date.UTC(2026, 2, 2, 9);

/** Message of the durable client's error when the backend does not answer. */
export const durableAway = "the durable backend did not answer";

/** A wake-up that the bus delivers. */
export type Deliver = (key: string) => void;

export class World implements Machine {
  readonly random: Random;
  readonly scheduler = new Scheduler(startMs);
  readonly trace: Trace;
  readonly faults: Faults;
  readonly store = new MemoryStore(() => this.scheduler.nowMs);
  readonly directory = new MemoryDirectory();
  readonly estate: Estate;
  readonly auditor: Auditor;
  /** Two instances of core, one of edge. */
  readonly cores: readonly Process[];
  readonly edge: Process;
  /** The product's clocks are off by this much; ARM's, the bus's and the durable backend's are not. */
  skewMs = 0;
  /** Only the clock of the second core instance is off, so that the two disagree. */
  disagrees = false;
  /** What the bus calls with a wake-up; set by whoever listens. */
  deliver: Deliver = () => {};
  /** Told when the product sets a fence. */
  onFence: (fence: unknown) => void = () => {};
  invocations = 0;
  acting: Lane | undefined;
  /** Messages on their way. */
  messages = 0;
  /** What the product threw that it never should. */
  readonly defects: string[] = [];
  readonly #compiled = new Map<string, Compiled>();

  constructor(seed: number, print?: (line: string) => void) {
    this.random = new Random(seed);
    this.trace = new Trace(() => this.scheduler.nowMs, print);
    this.faults = new Faults(this.random);
    this.auditor = new Auditor({ standards: standardFacts, nowMs: () => this.scheduler.nowMs });
    this.estate = new Estate(this.scheduler, this.random);
    this.estate.onChange = ({ key, after }) => this.auditor.changed({ atMs: this.scheduler.nowMs, key, after });
    this.store.onCommit = (commit) => this.#committed(commit);
    this.cores = [new Process("core-0", this), new Process("core-1", this)];
    this.edge = new Process("edge", this);
  }

  clock(lane: Lane): Clock {
    const isOff = (): boolean => !this.disagrees || lane.process === this.cores[1];
    return { now: () => this.scheduler.nowMs + (isOff() ? this.skewMs : 0) };
  }

  #committed({ container, pk, changes }: Commit): void {
    const facts = changes as unknown as { before: Document | undefined; after: Document }[];
    this.auditor.committed({ atMs: this.scheduler.nowMs, container, pk, changes: facts, run: this.acting?.number });
    for (const { before, after } of changes) {
      const fence = after["fence"] ?? null;
      if (fence === null || (before?.["fence"] ?? null) !== null) continue;
      this.onFence(fence);
      if (this.faults.hits("stunned")) this.acting?.process.freeze(FREEZE_MS_MAX / 2);
    }
  }

  /** What the product may throw where nothing is broken but the world; anything else is a defect. */
  expected(error: unknown): void {
    const { code, message, stack } = error as { code?: string; message?: string; stack?: string };
    if (code === "Unavailable" || code === "Contended" || code === "Refused") return;
    if (message === durableAway) return;
    this.defects.push(stack ?? String(error));
  }

  /** A core instance that is up; undefined when none is. */
  pickCore(): Process | undefined {
    const up = this.cores.filter(({ isUp }) => isUp);
    return up.length === 0 ? undefined : this.random.pick(up);
  }

  /** What an invocation on a core works with. */
  context(lane: Lane): PassContext {
    const store = new LaneStore(lane, this.store);
    return {
      clock: this.clock(lane),
      store,
      arm: new LaneArm(lane, this.estate, this.auditor),
      bus: this.bus(lane),
      directory: this.directory,
      configuration: this.configuration(lane),
      self: self.oid,
      log: (message) => this.trace.line(lane.process.name, `${lane.what}: log: ${message}`),
    };
  }

  /** Service Bus: takes a wake-up, delivers it in time, late, twice or never. */
  bus(lane: Lane): Bus {
    const { faults, random, scheduler } = this;
    return {
      wake: (key, atMs) => {
        const isRefused = faults.hits("unavailable");
        const effect = (): void => this.#enqueue(key, Math.max(0, (atMs ?? 0) - scheduler.nowMs));
        return lane.travel<void>({
          name: `bus.wake${isRefused ? " (unavailable)" : ""}`,
          outMs: faults.latencyMs(),
          backMs: faults.latencyMs(),
          ...(isRefused && random.chance(0.5) ? {} : { effect }),
          answer: () => {
            if (isRefused) throw new SteelyardError("Unavailable", "the bus did not answer");
          },
        });
      },
    };
  }

  #enqueue(key: string, delayMs: number): void {
    const { faults, random, scheduler } = this;
    if (faults.hits("astray")) return;
    const copies = faults.hits("duplicate") ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const lateMs = faults.hits("slow") ? random.between(1_000, 90_000) : faults.latencyMs();
      this.messages += 1;
      scheduler.after(delayMs + lateMs, () => {
        this.messages -= 1;
        this.deliver(key);
      });
    }
  }

  /** As the product's own reader, with one more standard; compiled once per version in the whole world. */
  configuration(lane: Lane): ConfigReader {
    const store: Store = new LaneStore(lane, this.store);
    return {
      read: async () => {
        const { container, pk, id } = configAddress;
        const read = await store.read<StoredDocument>(container, pk, id);
        if (read === undefined) throw new SteelyardError("NotFound", "no configuration was applied yet");
        const known = this.#compiled.get(read.etag);
        if (known !== undefined) return known;
        const plain = compile(withoutSimulated(read.document));
        const standards = [...plain.config.standards, ...simulatedSettings(read.document)];
        const config = { ...plain.config, standards };
        const compiled: Compiled = { ...plain, config, standards: [...plain.standards, simStandard] };
        this.#compiled.set(read.etag, compiled);
        return compiled;
      },
    };
  }
}

function simulatedSettings(document: StoredDocument): Compiled["config"]["standards"] {
  const { standards } = configSchema.pick({ standards: true }).loose().parse(document);
  return standards.filter(({ id }) => id === "SIM-01");
}

/** The document names the simulated standard for the auditor; the product's catalogue does not know it. */
function withoutSimulated(document: StoredDocument): StoredDocument {
  const { standards } = document as unknown as { standards: readonly { id: string }[] };
  return { ...document, standards: standards.filter(({ id }) => id !== "SIM-01") } as StoredDocument;
}
