/** The store as one invocation sees it: the memory store behind a wire that fails. */
import { SteelyardError } from "../../shared/kernel/errors.ts";
import type {
  ContainerName,
  Page,
  Query,
  Read,
  Store,
  StoredDocument,
  StoreOperation,
  WriteResult,
} from "../../shared/ports/store.ts";
import type { MemoryStore } from "../support/memoryStore.ts";
import type { Lane } from "./process.ts";

/** A write whose client has given up may still be carried out within this time. */
const LATE_WRITE_MS_MAX = 10_000;

export class LaneStore implements Store {
  readonly #lane: Lane;
  readonly #store: MemoryStore;

  constructor(lane: Lane, store: MemoryStore) {
    this.#lane = lane;
    this.#store = store;
  }

  read<T extends StoredDocument>(container: ContainerName, pk: string, id: string): Promise<Read<T> | undefined> {
    return this.#ask(`store.read ${id}`, () => this.#store.readNow<T>(container, pk, id));
  }

  query<T extends StoredDocument>(query: Query): Promise<Page<T>> {
    return this.#ask(`store.query ${query.kinds.join(",")}`, () => this.#store.queryNow<T>(query));
  }

  write(container: ContainerName, pk: string, operations: readonly StoreOperation[]): Promise<WriteResult> {
    const { random, faults, scheduler } = this.#lane.process.machine;
    const name = `store.write ${operations.map(describe).join(",")}`;
    const outMs = faults.latencyMs();
    const backMs = faults.latencyMs();
    const effect = (): WriteResult => {
      const { machine } = this.#lane.process;
      machine.acting = this.#lane;
      try {
        return this.#store.writeNow(container, pk, operations);
      } finally {
        machine.acting = undefined;
      }
    };
    if (!faults.hits("unavailable")) {
      return this.#lane.travel({ name, outMs, backMs, effect, answer: (result) => result as WriteResult });
    }
    const fate = random.pick(["before", "after", "late"] as const);
    const answer = (): never => {
      throw new SteelyardError("Unavailable", `the store did not answer (${fate})`);
    };
    const fated = `${name} (unavailable ${fate})`;
    if (fate === "after") return this.#lane.travel({ name: fated, outMs, backMs, effect, answer });
    if (fate === "late") scheduler.after(random.between(outMs, LATE_WRITE_MS_MAX), effect);
    return this.#lane.travel<WriteResult>({ name: fated, outMs, backMs, answer });
  }

  #ask<T>(name: string, effect: () => T): Promise<T> {
    const { faults } = this.#lane.process.machine;
    const outMs = faults.latencyMs();
    const backMs = faults.latencyMs();
    if (!faults.hits("unavailable")) {
      return this.#lane.travel({ name, outMs, backMs, effect, answer: (result) => result as T });
    }
    const answer = (): never => {
      throw new SteelyardError("Unavailable", "the store did not answer");
    };
    return this.#lane.travel<T>({ name: `${name} (unavailable)`, outMs, backMs, answer });
  }
}

function describe(operation: StoreOperation): string {
  if (operation.kind !== "patch") return `${operation.kind} ${operation.document.id}`;
  const names = [...Object.keys(operation.set ?? {}), ...Object.keys(operation.increment ?? {})];
  return `patch ${operation.id} ${names.join("+")}`;
}
