/**
 * What people do: approvers decide and take back, colleagues change accounts by hand, lock, delete and create them,
 * operators change the configuration. Drawn from the seed.
 */
import { approvers, Operators } from "./operators.ts";
import { decideProposal } from "../../shared/reconcile/decisions.ts";
import { Declined, type DeskContext } from "../../shared/reconcile/desk.ts";
import { decideGroup, listRequests, readRequest } from "../../shared/reconcile/groups.ts";
import { undoChange, undoRun } from "../../shared/reconcile/undo.ts";
import type { Caller } from "../../infra/local/identity/caller.ts";
import { accountRequest, colleagues, projects, subscriptionIds, type Right } from "./estate.ts";
import type { Lane } from "./process.ts";
import { LaneStore } from "./storePort.ts";
import type { World } from "./world.ts";

interface FenceSeen {
  readonly change: {
    readonly target: string;
    readonly fields: readonly { readonly path: string; readonly before: unknown; readonly after: unknown }[];
  };
}

interface ProposalSeen {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly live: boolean;
  readonly hash: string;
  readonly quorum: number;
  readonly run: string;
  readonly changedBy: string | null;
}

/** Once more than what is followed unasked. */
const FIGHT_ROUNDS = 5;

export class Workload {
  readonly #world: World;
  readonly #operators: Operators;
  /** Rights of the product that somebody took away, oldest first. */
  readonly #taken: { readonly subscription: string; readonly right: Right }[] = [];
  /** Requests of people that have not been answered. */
  requests = 0;

  constructor(world: World) {
    this.#world = world;
    this.#operators = new Operators(world);
    world.onFence = (fence) => this.#meddle(fence as FenceSeen);
  }

  /** One thing that somebody does. */
  act(): void {
    const act = this.#world.random.weighted<() => void>([
      [8, () => this.#decide()],
      [3, () => this.#undo()],
      [1, () => this.#undoRun()],
      [3, () => this.#decideRequest()],
      [8, () => this.#patchByHand()],
      [1, () => this.#insist()],
      [2, () => this.#deleteAccount()],
      [3, () => this.#createAccount()],
      [1, () => this.#lock()],
      [2, () => this.#unlock()],
      [2, () => this.#operators.act()],
      [1, () => this.#takeRight()],
      [2, () => this.#giveRight()],
    ]);
    act();
  }

  /** Everything that stands in the way is taken out of it: locks, pause, levels changed for a while. */
  settleDown(): void {
    for (let locks = this.#world.estate.locks().length; locks > 0; locks -= 1) this.#unlock();
    while (this.#taken.length > 0) this.#giveRight();
    this.#operators.settleDown();
  }

  /** Everybody approves whatever still waits; answers how many decisions were asked for. */
  approveAll(): number {
    let asked = 0;
    for (const proposal of this.#proposals("open")) {
      for (const by of approvers.slice(0, proposal.quorum)) {
        asked += 1;
        this.#decision(proposal, "approve", by, proposal.hash);
      }
    }
    return asked;
  }

  /** All that is asked in one piece, decided in one piece; sometimes by what somebody saw earlier. */
  #decideRequest(): void {
    const world = this.#world;
    const by = world.random.pick(approvers);
    const verdict = world.random.chance(0.9) ? "approve" : "reject";
    this.#ask(`${verdict} a request by ${by.slice(-2)}`, async (context) => {
      const [request] = await listRequests(context);
      if (request === undefined) return;
      const members = (await readRequest(context, request.id))?.members ?? [];
      const facts = members.map(({ id, hash }) => ({ proposal: id, by, verdict, hash }) as const);
      for (const fact of facts) world.auditor.deciding(fact);
      const { group, hash } = { group: request.id, hash: request.hash };
      const { decided } = await decideGroup(context, { group, hash, verdict, reason: null, by });
      for (const fact of facts) if (decided.includes(fact.proposal)) world.auditor.decided(fact);
    });
  }

  #undoRun(): void {
    const { random } = this.#world;
    const applied = this.#proposals("applied");
    if (applied.length === 0) return;
    const { run } = random.pick(applied);
    const by = random.pick(approvers);
    this.#ask(`undo run ${run}`, (context) => undoRun(context, { run, reason: "it broke a batch job", by }));
  }

  #decide(): void {
    const { random } = this.#world;
    const open = this.#proposals("open");
    const any = random.chance(0.1) ? this.#proposals() : open;
    if (any.length === 0) return;
    const proposal = random.pick(any);
    const verdict = random.chance(0.85) ? "approve" : "reject";
    const hash = random.weighted([
      [6, proposal.hash],
      [3, undefined],
      [1, "0".repeat(64)],
    ]);
    const by = random.chance(0.1) ? (proposal.changedBy ?? random.pick(approvers)) : random.pick(approvers);
    this.#decision(proposal, verdict, by, hash);
    // Two people decide at the same time.
    if (random.chance(0.4))
      this.#decision(proposal, "approve", random.pick(approvers.filter((other) => other !== by)), undefined);
    // People click twice.
    if (random.chance(0.1)) this.#decision(proposal, random.chance(0.7) ? verdict : "reject", by, proposal.hash);
  }

  #decision(proposal: ProposalSeen, verdict: "approve" | "reject", by: string, hash: string | undefined): void {
    const what = `${verdict} ${proposal.id.slice(0, 8)}${proposal.id.slice(34)} by ${by.slice(-2)}`;
    if (!this.#world.edge.isUp) return;
    const fact = { proposal: proposal.id, by, verdict, hash };
    this.#world.auditor.deciding(fact);
    this.#ask(what, async (context) => {
      await decideProposal(context, { ...fact, reason: null });
      this.#world.auditor.decided(fact);
    });
  }

  #undo(): void {
    const { random } = this.#world;
    const applied = this.#proposals("applied");
    if (applied.length === 0) return;
    const { id } = random.pick(applied);
    const by = random.pick(approvers);
    this.#ask(`undo ${id.slice(0, 8)}${id.slice(34)}`, (context) =>
      undoChange(context, { change: id, reason: "it broke a batch job", by }),
    );
  }

  /** A request to the edge. Whoever gets no answer or an error gives up. */
  #ask(what: string, work: (context: DeskContext) => Promise<unknown>): void {
    const world = this.#world;
    if (!world.edge.isUp) return;
    this.requests += 1;
    const lane = world.edge.open(what, () => {
      this.requests -= 1;
    });
    const end = (): void => {
      if (lane.isDead) return;
      this.requests -= 1;
      lane.close();
    };
    work(this.#desk(lane)).then(end, (error: unknown) => {
      end();
      world.trace.line("edge", `${what} failed: ${(error as Error).message}`);
      if (!(error instanceof Declined)) world.expected(error);
    });
  }

  #desk(lane: Lane): DeskContext {
    const world = this.#world;
    return {
      clock: world.clock(lane),
      store: new LaneStore(lane, world.store),
      bus: world.bus(lane),
      configuration: world.configuration(lane),
      log: (message) => world.trace.line("edge", `${lane.what}: log: ${message}`),
    };
  }

  #proposals(state?: string): ProposalSeen[] {
    const found: ProposalSeen[] = [];
    for (const document of this.#world.store.documents("state")) {
      const proposal = document as unknown as ProposalSeen;
      if (proposal.kind === "proposal" && (state === undefined || proposal.state === state)) found.push(proposal);
    }
    return found;
  }

  #patchByHand(): void {
    const { random } = this.#world;
    const flag = (): boolean => random.chance(0.5);
    const access = random.chance(0.6) ? "Enabled" : "Disabled";
    const body = random.weighted<object>([
      [6, { properties: { publicNetworkAccess: access } }],
      [5, { properties: { defaultProject: random.pick(projects) } }],
      [1, { properties: { defaultProject: null } }],
      [2, { tags: { owner: "team", touched: String(random.between(1, 9)) } }],
      [
        2,
        {
          properties: {
            networkAcls: { defaultAction: flag() ? "Deny" : "Allow", virtualNetworkRules: [], ipRules: [] },
          },
        },
      ],
      [1, { properties: { restrictOutboundNetworkAccess: flag() } }],
    ]);
    const patchMs = random.chance(0.3) ? random.between(500, 20_000) : 0;
    this.#byHand("PATCH", random.pick(this.#world.estate.accounts), body, patchMs);
  }

  /** Somebody who does not give in. */
  #insist(): void {
    const { random, estate, scheduler } = this.#world;
    const [, stubborn] = colleagues;
    const account = random.pick(estate.accounts);
    const everyMs = random.between(20, 60) * 1_000;
    for (let time = 0; time < FIGHT_ROUNDS; time += 1) {
      scheduler.after(time * everyMs, () => {
        this.#byHand("PATCH", account, { properties: { defaultProject: "alpha" } }, 0, stubborn);
      });
    }
  }

  /** Somebody works on the account that the product is about to write to. */
  #meddle(fence: FenceSeen): void {
    const { random, scheduler, faults } = this.#world;
    if (!faults.hits("meddling")) return;
    const { target, fields } = fence.change;
    const [field] = fields;
    const name = field?.path.split(".").at(-1) ?? "";
    const value = random.pick([field?.before, field?.after, field?.after]);
    const body = random.chance(0.8) ? { properties: { [name]: value } } : { tags: { owner: "other" } };
    scheduler.after(random.between(0, 22_000), () => this.#byHand("PATCH", target, body));
  }

  #deleteAccount(): void {
    this.#byHand("DELETE", this.#world.random.pick(this.#world.estate.accounts));
  }

  #createAccount(): void {
    const { random, estate } = this.#world;
    const id = random.pick(estate.accounts);
    if (estate.state(id.toLowerCase()) !== undefined) return;
    const name = id.slice(id.lastIndexOf("/") + 1);
    const body = accountRequest(name, random.chance(0.6), random.pick(projects));
    // A deleted account's name is free once it is purged.
    const [, , subscription = "", , group = ""] = id.split("/");
    const deleted = `/subscriptions/${subscription}/providers/Microsoft.CognitiveServices/locations/swedencentral/resourceGroups/${group}/deletedAccounts/${name}`;
    this.#byHand("DELETE", deleted);
    this.#byHand("PUT", id, body);
  }

  #lock(): void {
    const { random, estate } = this.#world;
    const level = random.chance(0.5) ? "ReadOnly" : "CanNotDelete";
    const path = `${random.pick(estate.accounts)}/providers/Microsoft.Authorization/locks/keep`;
    this.#byHand("PUT", path, { properties: { level } });
  }

  #unlock(): void {
    const lock = this.#world.estate.locks()[0];
    if (lock !== undefined) this.#byHand("DELETE", lock);
  }

  #takeRight(): void {
    const { random, estate, trace } = this.#world;
    const taken = {
      subscription: random.pick(Object.values(subscriptionIds)),
      right: random.pick(["write", "read"] as const),
    };
    if (this.#taken.some((other) => other.subscription === taken.subscription && other.right === taken.right)) return;
    this.#taken.push(taken);
    trace.line(
      "hand",
      `takes ${taken.right} ${taken.subscription.slice(-1)} -> ${estate.setRight(taken.subscription, taken.right, false)}`,
    );
  }

  #giveRight(): void {
    const { estate, trace } = this.#world;
    const taken = this.#taken.shift();
    if (taken === undefined) return;
    trace.line(
      "hand",
      `gives ${taken.right} ${taken.subscription.slice(-1)} -> ${estate.setRight(taken.subscription, taken.right, true)}`,
    );
  }

  #byHand(method: string, path: string, body?: object, patchMs = 0, by?: Caller): void {
    const { estate, random, trace } = this.#world;
    const { status } = estate.request(by ?? random.pick(colleagues), method, path, body, patchMs);
    trace.line(
      "hand",
      `${method} ${path.slice(path.search(/\/(?:deletedA|a)ccounts\//) + 10)} ${JSON.stringify(body ?? null)} -> ${status}`,
    );
  }
}
