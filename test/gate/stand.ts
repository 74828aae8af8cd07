/**
 * One drawn resource with the product over it, in one process: the passes, the store in memory, the real ARM adapter over
 * the local ARM engine's own core, people who agree and people who change things by hand, a clock that moves when somebody
 * waits.
 */
import { ArmEngine, type SeedEstate } from "../../infra/local/arm/engine.ts";
import type { Caller } from "../../infra/local/identity/caller.ts";
import { Agenda } from "../../infra/local/platform/agenda.ts";
import type { EngineContext } from "../../infra/local/platform/engine.ts";
import { FaultBook, mulberry32 } from "../../infra/local/platform/faults.ts";
import { listPath } from "../../shared/adapters/armRequests.ts";
import { AzureArm } from "../../shared/adapters/azureArm.ts";
import type { ConfigInput } from "../../shared/config/schema.ts";
import type { Claim, Finding, Proposal, StateDocument } from "../../shared/desired/documents.ts";
import type { Judgement } from "../../shared/desired/judgement.ts";
import { accountOf, partitionOf, toResourceId, type ResourceId } from "../../shared/estate/resourceId.ts";
import { isArmKind } from "../../shared/estate/sight.ts";
import { dayMs, fromIso, hourMs, minuteMs } from "../../shared/kernel/clock.ts";
import { isMadeByRemedies } from "../../shared/estate/member.ts";
import type { LedgerEntry } from "../../shared/ledger/chain.ts";
import type { Directory } from "../../shared/ports/directory.ts";
import { apply, settle } from "../../shared/reconcile/apply.ts";
import type { PassContext } from "../../shared/reconcile/context.ts";
import { judgementsOf } from "../../shared/reconcile/deciding.ts";
import { decideProposal } from "../../shared/reconcile/decisions.ts";
import { look } from "../../shared/reconcile/look.ts";
import { reconcileRounds, type Step } from "../../shared/reconcile/rounds.ts";
import { readSight } from "../../shared/reconcile/sight.ts";
import { undoChange } from "../../shared/reconcile/undo.ts";
import { withOthers } from "../../shared/reconcile/useCases.ts";
import { readLive, readWriter, want } from "../../shared/reconcile/writerStore.ts";
import { sampleAccountId } from "../../shared/standards/cases.ts";
import { writerId, type Writer } from "../../shared/writer/writer.ts";
import { askArm } from "../support/armRig.ts";
import { MemoryDirectory } from "../support/memoryDirectory.ts";
import { MemoryStore } from "../support/memoryStore.ts";
import { compiledOf, configOf } from "./configuration.ts";
import { Impossible, type Drawn } from "./draw.ts";
import {
  approver,
  asked,
  colleague,
  createdMsOf,
  directoryOf,
  othersOf,
  product,
  resourcesOf,
  surroundingsOf,
  toldOf,
  unreadOf,
} from "./estate.ts";
import { snapshotOf, type Snapshot } from "./snapshot.ts";
import { Wire } from "./wire.ts";

/** The moment of the cases, so that what they say of dates holds. */
const startMs = 1_750_000_000_000;
const caller: Caller = { oid: product, type: "ServicePrincipal", appid: product, roles: [] };
const person: Caller = { oid: colleague, type: "User", roles: [] };

/** Activities and waits of one pass, and passes until it is quiet; more is something that does not end. */
const STEPS_MAX = 500;
const PASSES_MAX = 60;

/** One engine for all stands of a process, each time empty: what it costs to make one is most of what a stand costs. */
let chance = mulberry32(1);
const agenda = new Agenda({ mode: "manual", nowMs: startMs });
agenda.schedule = () => ({ cancel: () => {} });
const engine = engineOf();

function engineOf(): ArmEngine {
  const context: EngineContext = {
    clock: agenda,
    faults: new FaultBook(),
    effects: { record: () => {} } as unknown as EngineContext["effects"],
    random: () => chance(),
    dataDir: ":memory:",
    crash: () => {},
    log: () => {},
  };
  return new ArmEngine(context, {
    ports: { plain: 0, tls: 0 },
    tls: { key: "", cert: "" },
    verify: async () => undefined,
    groupsOf: () => [],
    onChange: () => {},
  });
}

export interface Settled {
  /** Which open proposals people agree to; all of them, unless said otherwise. */
  readonly agree?: (proposal: Proposal) => boolean;
  /** Whether somebody asks for a look first; without it only what is behind is looked at. */
  readonly wish?: boolean;
  /** What is due later than this is left to the future. */
  readonly withinMs?: number;
}

export class Stand {
  readonly drawn: Drawn;
  readonly key: ResourceId;
  store = new MemoryStore();
  readonly wire: Wire;
  readonly directory: MemoryDirectory;
  readonly createdMs: number;
  readonly beganMs = startMs;
  config: ConfigInput;
  #late: { readonly atMs: number; readonly run: () => void }[] = [];
  #wakes: number[] = [];
  #others: ReturnType<typeof othersOf> = [];
  #context: PassContext;

  /** @throws Impossible when Azure would not hold what was drawn. */
  constructor(drawn: Drawn, settings: Partial<ConfigInput> = {}) {
    this.drawn = drawn;
    const key = toResourceId(sampleAccountId);
    if (key === undefined) throw new Error(`"${sampleAccountId}" is no resource ID`);
    this.key = key;
    agenda.setNow(startMs);
    // The same is drawn with the same made-up IDs each time.
    chance = mulberry32(1);
    engine.reset();
    engine.setLatency({ patchAccountMs: 0, putDeploymentMs: 0, patchDeploymentMs: 0, accountBusyMs: 0 });
    this.createdMs = Math.min(createdMsOf(drawn, startMs), startMs - minuteMs);
    // Changed last long ago, if it is that old.
    const laid = resourcesOf(drawn, {
      by: colleague,
      atMs: Math.max(startMs - 3 * dayMs, this.createdMs),
      createdMs: this.createdMs,
    });
    const { more, ...around } = surroundingsOf(drawn, laid);
    seed({ ...around, resources: [...laid.map(asked), ...more] });
    this.wire = new Wire(
      engine,
      caller,
      () => this.store.readNow<Writer>("state", partitionOf(key), writerId)?.document.fence?.change,
      (afterMs, run) => this.#late.push({ atMs: agenda.now() + afterMs, run }),
    );
    const address = accountOf(key);
    if (address === undefined) throw new Error(`"${key}" is no account`);
    for (const { kind, code } of unreadOf(drawn))
      if (isArmKind(kind)) this.wire.refused.set((listPath(address, kind).split("?")[0] ?? "").toLowerCase(), code);
    this.wire.told = toldOf(laid);
    this.directory = new MemoryDirectory();
    this.#knows(drawn);
    this.config = { ...configOf(drawn), ...settings };
    this.#context = this.#contextOf();
  }

  /** The directory holds whom the sample says, or is away; of the other accounts of its use case the product knows. */
  #knows(drawn: Drawn): void {
    const others = othersOf(drawn);
    const gone = this.#others.filter(({ pk }) => !others.some((other) => other.pk === pk));
    for (const document of [...gone.map((other) => ({ ...other, present: false })), ...others])
      this.store.writeNow("state", document.pk, [{ kind: "upsert", document }]);
    this.#others = others;
    const { known, away } = directoryOf(drawn);
    this.directory.known = known;
    this.directory.away = away === undefined ? undefined : { code: away, message: "", retryAfterMs: undefined };
  }

  get nowMs(): number {
    return agenda.now();
  }

  /** Moves the clock; what was on its way arrives. Never back. */
  advanceTo(atMs: number): void {
    agenda.setNow(Math.max(atMs, agenda.now()));
    const due = this.#late.filter((item) => item.atMs <= agenda.now());
    this.#late = this.#late.filter((item) => item.atMs > agenda.now());
    for (const { run } of due) run();
  }

  get context(): PassContext {
    return this.#context;
  }

  /** Another installation of the product takes over, which knows nothing of the estate. */
  forget(): void {
    this.store = new MemoryStore();
    this.#knows(this.drawn);
    this.#wakes = [];
    this.#context = this.#contextOf();
  }

  /** Another directory port, such as one that fails. */
  withDirectory(directory: Directory): void {
    this.#context = { ...this.#context, directory };
  }

  #contextOf(): PassContext {
    const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
    return {
      clock: { now: () => agenda.now() },
      store: this.store,
      arm: new AzureArm(credential, "https://management.azure.com", this.wire),
      bus: {
        wake: async (_key, atMs) => {
          if (atMs !== undefined) this.#wakes.push(atMs);
        },
      },
      directory: this.directory,
      configuration: {
        read: async () => compiledOf(this.config),
      },
      self: product,
      log: () => {},
    };
  }

  /** What the standard says of the estate as it is now, told by nobody but Azure. */
  async judged(): Promise<Judgement[]> {
    const { onRequest, requests } = this.wire;
    this.wire.onRequest = () => undefined;
    const compiled = await this.#context.configuration.read();
    const address = accountOf(this.key);
    if (address === undefined) throw new Error("the key names no account");
    const sources = new Set(compiled.standards.flatMap((standard) => standard.sources));
    const read = await readSight({ ...this.#context, directory: this.directory }, address, sources, new Map());
    this.wire.onRequest = onRequest;
    this.wire.requests = requests;
    if (read.kind !== "found") throw new Error(`the account could not be read: ${read.kind}`);
    const sight = await withOthers(this.store, compiled, read.sight, sources);
    return judgementsOf(compiled, address, sight, undefined, agenda.now());
  }

  /** Every resource that there is now, without what changes at each write. */
  snapshot(): Snapshot {
    return snapshotOf(engine.state());
  }

  /** Somebody changes all that lies at the account to be as it was drawn. @throws Impossible */
  become(drawn: Drawn, by = colleague): void {
    const resources = resourcesOf(drawn, {
      by,
      atMs: agenda.now(),
      createdMs: this.createdMs,
    });
    const { more, ...around } = surroundingsOf(drawn, resources);
    const staying = new Set([...resources, ...more].map(({ id }) => id.toLowerCase()));
    // All that lies in the account's group but the account itself: alerts and endpoints lie beside it.
    const group = this.key.slice(0, this.key.indexOf("/providers/") + 1);
    const there = Object.keys(engine.state()).filter((id) => id.startsWith(`${group}providers/`) && id !== this.key);
    // Locks first: they keep what is below them; then what lies deepest.
    const rank = (id: string): number => (id.includes("/locks/") ? -100 : -id.split("/").length);
    for (const id of there
      .filter((one) => !staying.has(one))
      .sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1))) {
      const { status } = askArm(engine, "DELETE", id, { as: person });
      if (status >= 400) throw new Impossible(`${id} cannot be taken away: ${status}`);
    }
    seed({ ...around, resources: [...resources.map(asked), ...more] });
    this.wire.told = toldOf(resources);
    this.#knows(drawn);
  }

  /** A request by hand. */
  ask(method: string, path: string, body?: unknown): { readonly status: number } {
    return askArm(engine, method, path, { as: person, ...(body === undefined ? {} : { body }) });
  }

  setLatency(ms: number): void {
    engine.setLatency({ patchAccountMs: ms, putDeploymentMs: ms, patchDeploymentMs: ms });
  }

  failNextOperation(): void {
    engine.failNextOperation({ code: "InternalServerError", message: "" });
  }

  /** One whole pass, as the orchestrator plays it; waits move the clock. */
  async pass(): Promise<void> {
    const rounds = reconcileRounds(this.key, () => agenda.now());
    let answer: unknown;
    for (let taken = 0; taken < STEPS_MAX; taken += 1) {
      const { value: step, done } = rounds.next(answer);
      if (done === true) return;
      answer = await this.#play(step);
    }
    throw new Error(`a pass took more than ${STEPS_MAX} steps`);
  }

  async #play(step: Step): Promise<unknown> {
    if (step.kind === "wait") return this.advanceTo(step.untilMs);
    switch (step.activity) {
      case "look":
        return look(this.#context, this.key);
      case "apply":
        return apply(this.#context, this.key, step.input.change);
      case "settle":
        return settle(this.#context, this.key, step.input.waited);
      case "requeue":
        return void this.#wakes.push(step.input.atMs);
    }
  }

  /** Wishes, passes and people until nothing is behind and nothing is due soon: what the sweeper and the bus see to. */
  async settled({ agree = () => true, wish = true, withinMs = hourMs }: Settled = {}): Promise<void> {
    const untilMs = agenda.now() + withinMs;
    if (wish) await want(this.store, this.key, 1, null);
    for (let passes = 0; passes < PASSES_MAX; passes += 1) {
      await this.pass();
      if (await this.#agreed(agree)) continue;
      const writer = await readWriter(this.store, this.key);
      const isBehind = writer === undefined || writer.wanted > writer.served;
      const wakes = this.#wakes.filter((atMs) => atMs > agenda.now());
      const due = isBehind ? wakes : (await this.live()).flatMap(wakeMs);
      const nextMs = Math.min(...due.map((atMs) => Math.max(atMs, agenda.now())));
      if (nextMs > untilMs) return;
      this.advanceTo(nextMs);
      if (!isBehind) await want(this.store, this.key, 1, null);
    }
    throw new Error(`not at rest after ${PASSES_MAX} passes`);
  }

  async #agreed(agree: (proposal: Proposal) => boolean): Promise<boolean> {
    const open = (await this.live()).filter(
      (item): item is Proposal => item.kind === "proposal" && item.state === "open",
    );
    const wanted = open.filter((proposal) => proposal.decisions.length === 0 && agree(proposal));
    for (const { id } of wanted)
      await decideProposal(this.#context, {
        proposal: id,
        verdict: "approve",
        reason: null,
        hash: undefined,
        by: approver,
      });
    return wanted.length > 0;
  }

  undo(change: string): Promise<Claim> {
    return undoChange(this.#context, { change, reason: "the gate asks for it", by: approver });
  }

  /** When a resource was made, as the product reads it; of what is not there, when its account was. */
  async createdAt(target: ResourceId): Promise<string | undefined> {
    const address = accountOf(this.key);
    if (address === undefined) throw new Error("the key names no account");
    const { arm } = this.#context;
    const read =
      target === this.key || isMadeByRemedies(target)
        ? await arm.readAccount(address)
        : await arm.readResource(address, target);
    if (read.kind !== "found") return undefined;
    return "account" in read ? read.account.createdAt : read.resource.createdAt;
  }

  async live(): Promise<StateDocument[]> {
    return [...(await readLive(this.store, partitionOf(this.key)))];
  }

  async findings(): Promise<Finding[]> {
    return (await this.live()).filter((item): item is Finding => item.kind === "finding");
  }

  /** What was written, oldest first. */
  async applied(): Promise<Proposal[]> {
    const { items } = await this.store.query<Proposal>({ container: "state", kinds: ["proposal"], pageSize: 1_000 });
    return items.filter(({ state }) => state === "applied").sort((a, b) => (a.askedAt < b.askedAt ? -1 : 1));
  }

  async ledger(): Promise<LedgerEntry[]> {
    const { items } = await this.store.query<LedgerEntry>({ container: "state", kinds: ["entry"], pageSize: 1_000 });
    return [...items].sort((a, b) => a.seq - b.seq);
  }
}

function wakeMs(document: StateDocument): number[] {
  const at = "wakeAt" in document ? document.wakeAt : null;
  return at === null ? [] : [fromIso(at)];
}

function seed(estate: SeedEstate): void {
  try {
    engine.seed(estate);
  } catch (error) {
    throw new Impossible(error instanceof Error ? error.message : String(error));
  }
}
