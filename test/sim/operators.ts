/**
 * What the product's operators do: pause, move a subscription's level and take subscriptions out, change modes, budgets,
 * freezes, who may decide and what belongs to templates. Drawn from the seed.
 */
import { activationsOf, configAddress, configSchema, type Activations } from "../../shared/config/schema.ts";
import { subscriptionIds } from "./estate.ts";
import type { World } from "./world.ts";

export const approvers = ["a1", "a2", "a3", "a4"].map((tail) => `00000000-0000-4000-8000-0000000000${tail}`);

type Level = "audit" | "reader" | "approve" | "enforce";

interface Configuration {
  version: number;
  subscriptions: { id: string; name: string; archetype: string; level: Level }[];
  standards: { id: string; mode: string }[];
  quorum: number;
  proposalHours: number;
  paused: boolean;
  budgets: { writesPerHour: number; standards?: string[] }[];
  freezes: { name: string; from: string; until: string; standards?: string[] }[];
  fields: { path: string; owner: "iac" }[];
  approvers: { people: string[]; standards?: string[] }[];
  escalation?: { afterHours: number; people: string[] };
}

const standardIds = ["NET-01", "SIM-01"] as const;
const modes = ["audit", "approve", "enforce"] as const;
const paths = ["properties.publicNetworkAccess", "properties.defaultProject"] as const;
const MINUTE_MS = 60_000;

export class Operators {
  readonly #world: World;
  #configuration: Configuration;
  readonly #base: Configuration;
  #activations: Activations = {};

  constructor(world: World) {
    this.#world = world;
    const { random } = world;
    const level = (): Level =>
      random.weighted([
        [1, "audit"],
        [1, "reader"],
        [4, "approve"],
        [3, "enforce"],
      ] as const);
    this.#base = {
      version: 1,
      subscriptions: Object.entries(subscriptionIds).map(([name, id]) => ({
        id,
        name,
        archetype: name === "online" ? "online" : "corp",
        level: level(),
      })),
      standards: [
        {
          id: "NET-01",
          mode: random.weighted([
            [6, "approve"],
            [3, "enforce"],
            [1, "audit"],
          ]),
        },
        {
          id: "SIM-01",
          mode: random.weighted([
            [1, "approve"],
            [8, "enforce"],
            [1, "audit"],
          ]),
        },
      ],
      quorum: random.weighted([
        [3, 1],
        [2, 2],
      ]),
      proposalHours: random.chance(0.3) ? 2 : 72,
      paused: false,
      budgets: [{ writesPerHour: random.chance(0.6) ? 20 : random.between(1, 4) }],
      freezes: [],
      fields: random.chance(0.1) ? [{ path: random.pick(paths), owner: "iac" }] : [],
      approvers: random.chance(0.5) ? [{ people: approvers.slice(0, 3) }] : [],
      ...(random.chance(0.5) ? { escalation: { afterHours: 1, people: approvers.slice(3) } } : {}),
    };
    this.#configuration = structuredClone(this.#base);
    this.#configure(() => {});
  }

  /** What they changed for a while is as it was, and nothing is held off any more. */
  settleDown(): void {
    const { version } = this.#configuration;
    this.#configuration = { ...structuredClone(this.#base), version, budgets: [], approvers: [] };
    this.#configure(() => {});
  }

  /** One thing that an operator changes. */
  act(): void {
    const { random } = this.#world;
    this.#configure((configuration) => {
      if (configuration.paused) {
        configuration.paused = false;
        // What was agreed to meanwhile was agreed to under other rules.
        if (random.chance(0.3)) configuration.quorum = 2;
        return;
      }
      random.weighted<() => void>([
        [3, () => (configuration.paused = true)],
        [
          3,
          () =>
            (random.pick(configuration.subscriptions).level = random.pick([
              "audit",
              "reader",
              "approve",
              "enforce",
            ] as const)),
        ],
        [1, () => this.#withdraw(configuration)],
        [1, () => (configuration.quorum = random.between(1, 2))],
        [2, () => (configuration.subscriptions = structuredClone(this.#base.subscriptions))],
        [4, () => (random.pick(configuration.standards).mode = random.pick(modes))],
        [3, () => (configuration.budgets = this.#budgets())],
        [2, () => (configuration.freezes = [this.#freeze()])],
        [1, () => (configuration.freezes = [])],
        [2, () => (configuration.fields = random.chance(0.5) ? [] : [{ path: random.pick(paths), owner: "iac" }])],
        [1, () => (configuration.approvers = [{ people: [random.pick(approvers)], standards: ["NET-01"] }])],
        [1, () => (configuration.approvers = structuredClone(this.#base.approvers))],
      ])();
    });
  }

  #budgets(): Configuration["budgets"] {
    const { random } = this.#world;
    const one = { writesPerHour: random.between(0, 3), standards: [random.pick(standardIds)] };
    return random.chance(0.3) ? [{ writesPerHour: 20 }] : [{ writesPerHour: random.between(2, 20) }, one];
  }

  /** Begins now or soon, and lasts for a while. */
  #freeze(): Configuration["freezes"][number] {
    const { random, scheduler } = this.#world;
    const fromMs = scheduler.nowMs + random.between(-10, 5) * MINUTE_MS;
    const untilMs = fromMs + random.between(1, 60) * MINUTE_MS;
    const [from, until] = [new Date(fromMs).toISOString(), new Date(untilMs).toISOString()];
    return { name: "release", from, until, ...(random.chance(0.5) ? { standards: [random.pick(standardIds)] } : {}) };
  }

  #withdraw(configuration: Configuration): void {
    const { id } = this.#world.random.pick(this.#base.subscriptions);
    configuration.subscriptions = configuration.subscriptions.filter((item) => item.id !== id);
    if (configuration.subscriptions.length === 0)
      configuration.subscriptions = structuredClone(this.#base.subscriptions);
  }

  #now(): string {
    return new Date(this.#world.scheduler.nowMs).toISOString();
  }

  #configure(change: (configuration: Configuration) => void): void {
    change(this.#configuration);
    this.#configuration.version += 1;
    const { container, pk, id } = configAddress;
    const configuration = structuredClone(this.#configuration);
    this.#activations = activationsOf(configSchema.parse(configuration), this.#activations, this.#now());
    const document = { id, pk, kind: "config", ...configuration, activations: this.#activations };
    const { paused, subscriptions } = this.#configuration;
    this.#world.trace.line(
      "config",
      `paused ${paused}, ${subscriptions.map(({ name, level }) => `${name} ${level}`).join(", ")}`,
    );
    this.#world.store.writeNow(container, pk, [{ kind: "upsert", document }]);
  }
}
