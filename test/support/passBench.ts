/**
 * One account, its passes and its people in one process: the product's functions over the store in memory, an ARM that
 * does as it is told, a clock that stands still until it is moved. For tests of single steps; whole courses with faults
 * are the simulator's.
 */
import { compile } from "../../shared/reconcile/configuration.ts";
import { apply } from "../../shared/reconcile/apply.ts";
import type { PassContext } from "../../shared/reconcile/context.ts";
import { look } from "../../shared/reconcile/look.ts";
import { reconcileRounds, type Step } from "../../shared/reconcile/rounds.ts";
import { settle } from "../../shared/reconcile/apply.ts";
import { readLive, want } from "../../shared/reconcile/writerStore.ts";
import type { Body } from "../../shared/desired/compare.ts";
import type { Claim, Finding, Proposal } from "../../shared/desired/documents.ts";
import type { ConfigInput } from "../../shared/config/schema.ts";
import { parseAccount } from "../../shared/estate/account.ts";
import {
  accountOf,
  partitionOf,
  toResourceId,
  type AccountAddress,
  type ResourceId,
} from "../../shared/estate/resourceId.ts";
import type { LedgerEntry } from "../../shared/ledger/chain.ts";
import type { Write } from "../../shared/desired/request.ts";
import { memberKindOf } from "../../shared/estate/member.ts";
import { parseResource } from "../../shared/estate/resource.ts";
import type { MemberKind } from "../../shared/estate/sight.ts";
import type { Standard } from "../../shared/standards/definition.ts";
import type {
  Arm,
  BudgetResult,
  MembersResult,
  PageResult,
  PollResult,
  ReadResult,
  ResourceResult,
  WriteAnswer,
} from "../../shared/ports/arm.ts";
import { MemoryDirectory } from "./memoryDirectory.ts";
import { MemoryStore } from "./memoryStore.ts";

export const subscriptionId = "5b000000-0000-4000-8000-000000000001";
export const self = "c0de0000-0000-4000-8000-00000000c02e";
const id = `/subscriptions/${subscriptionId}/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/a`;
/** Activities and waits of one pass; more is a pass that does not end. */
const STEPS_MAX = 500;

export function keyOf(text: string): ResourceId {
  const key = toResourceId(text);
  if (key === undefined) throw new Error(`"${text}" is no resource ID`);
  return key;
}

/** A corp account that is open to the internet. */
export function openAccount(): { id: string } & Record<string, unknown> {
  return {
    id,
    name: "a",
    type: "Microsoft.CognitiveServices/accounts",
    properties: {
      provisioningState: "Succeeded",
      publicNetworkAccess: "Enabled",
      privateEndpointConnections: [{ properties: { privateLinkServiceConnectionState: { status: "Approved" } } }],
    },
  };
}

/** Does as it is told: each of its answers can be replaced by a test. */
export class ScriptedArm implements Arm {
  account: Record<string, unknown> | undefined = openAccount();
  /** What belongs to it, by ID in lower case. */
  readonly members = new Map<string, Record<string, unknown>>();
  onList: ((kind: MemberKind) => MembersResult) | undefined;
  /** Bodies of the patches of the account. */
  readonly sent: Body[] = [];
  readonly writes: Write[] = [];
  onRead: (() => ReadResult) | undefined;
  onPatch: ((land: () => void) => WriteAnswer) | undefined;
  onPoll: () => PollResult = () => ({ kind: "ended", error: null });

  async readAccount(): Promise<ReadResult> {
    if (this.onRead !== undefined) return this.onRead();
    return this.account === undefined
      ? { kind: "absent" }
      : { kind: "found", account: parseAccount(structuredClone(this.account)) };
  }

  async listMembers(_address: unknown, kind: MemberKind): Promise<MembersResult> {
    if (this.onList !== undefined) return this.onList(kind);
    const bodies = [...this.members].filter(([target]) => memberKindOf(keyOf(id), keyOf(target)) === kind);
    return { kind: "listed", resources: bodies.map(([, body]) => parseResource(kind, structuredClone(body))) };
  }

  async readResource({ id: key }: AccountAddress, target: ResourceId): Promise<ResourceResult> {
    const [body, kind] = [this.members.get(target), memberKindOf(key, target)];
    if (body === undefined || kind === undefined) return { kind: "absent" };
    return { kind: "found", resource: parseResource(kind, structuredClone(body)) };
  }

  async write(_address: unknown, write: Write, _abortMs: number): Promise<WriteAnswer> {
    this.writes.push(write);
    if (write.kind !== "patch" || write.target !== id) return this.#writeMember(write);
    const { body } = write;
    this.sent.push(body);
    const land = (): void => {
      const properties = { ...(this.account?.["properties"] as object), ...(body["properties"] as object) };
      this.account = { ...this.account, properties };
    };
    if (this.onPatch !== undefined) return this.onPatch(land);
    land();
    return { kind: "done" };
  }

  #writeMember(write: Write): WriteAnswer {
    const { target } = write;
    const before = this.members.get(target);
    if (write.kind === "delete") this.members.delete(target);
    else if (write.kind === "tags") {
      const given = (this.account?.["tags"] ?? {}) as Record<string, string>;
      const kept = Object.entries(given).filter(([name]) => !Object.hasOwn(write.tags, name));
      this.account = {
        ...this.account,
        tags: { ...Object.fromEntries(kept), ...(write.operation === "Merge" ? write.tags : {}) },
      };
    } else if (write.kind === "pause" || write.kind === "resume") {
      const deploymentState = write.kind === "pause" ? "Paused" : "Running";
      this.members.set(target, { ...before, properties: { ...(before?.["properties"] as object), deploymentState } });
    } else {
      const name = target.slice(target.lastIndexOf("/") + 1);
      const body: Body = write.kind === "put" || write.kind === "patch" ? write.body : {};
      // A patch leaves the properties that it does not name.
      const kept = write.kind === "patch" ? (before?.["properties"] as object | undefined) : undefined;
      const properties = { ...kept, ...(body["properties"] as object | undefined) };
      this.members.set(target, { id: target, name, ...before, ...body, ...(body["properties"] && { properties }) });
    }
    return { kind: "done" };
  }

  async poll(): Promise<PollResult> {
    return this.onPoll();
  }

  async listAccounts(_subscriptionId: string, _continuation: string | undefined): Promise<PageResult> {
    return { kind: "page", page: { accounts: [], continuation: undefined, waitMs: 0 } };
  }

  async inventory(_subscriptionIds: readonly string[], _continuation: string | undefined): Promise<PageResult> {
    return { kind: "page", page: { accounts: [], continuation: undefined, waitMs: 0 } };
  }

  async readBudget(_address: AccountAddress): Promise<BudgetResult> {
    return { kind: "told", budget: { own: undefined, shared: undefined } };
  }
}

export class PassBench {
  readonly store = new MemoryStore(() => this.nowMs);
  readonly arm = new ScriptedArm();
  readonly directory = new MemoryDirectory();
  readonly key = keyOf(id);
  readonly pk = partitionOf(this.key);
  readonly wakes: { key: string; atMs: number | undefined }[] = [];
  nowMs = Date.UTC(2026, 10, 21, 10);
  /** Standards of a test's own, in place of the catalogue's; the configuration has to name as many, to give them modes. */
  made: readonly Standard[] | undefined;
  config: ConfigInput = {
    version: 1,
    subscriptions: [{ id: subscriptionId, name: "corp", archetype: "corp", level: "approve" }],
    standards: [{ id: "NET-01", mode: "approve" }],
  };
  readonly context: PassContext = {
    clock: { now: () => this.nowMs },
    store: this.store,
    arm: this.arm,
    bus: {
      wake: async (key, atMs) => {
        this.wakes.push({ key, atMs });
      },
    },
    directory: this.directory,
    configuration: {
      read: async () => {
        const compiled = compile(this.config);
        return { ...compiled, standards: this.made ?? compiled.standards };
      },
    },
    self,
    log: () => {},
  };

  want(): Promise<void> {
    return want(this.store, this.key, 1, null);
  }

  look(): ReturnType<typeof look> {
    return look(this.context, this.key);
  }

  apply(change: string): ReturnType<typeof apply> {
    return apply(this.context, this.key, change);
  }

  /** One whole pass; waits move the clock. Answers what it did, step by step. */
  async pass(): Promise<Step[]> {
    const steps: Step[] = [];
    const rounds = reconcileRounds(this.key, () => this.nowMs);
    let answer: unknown;
    for (let taken = 0; taken < STEPS_MAX; taken += 1) {
      const { value: step, done } = rounds.next(answer);
      if (done === true) return steps;
      steps.push(step);
      answer = await this.#play(step);
    }
    throw new Error(`the pass took more than ${STEPS_MAX} steps`);
  }

  async #play(step: Step): Promise<unknown> {
    if (step.kind === "wait") {
      this.nowMs = Math.max(this.nowMs, step.untilMs);
      return undefined;
    }
    switch (step.activity) {
      case "look":
        return this.look();
      case "apply":
        return this.apply(step.input.change);
      case "settle":
        return settle(this.context, this.key, step.input.waited);
      case "requeue":
        return undefined;
    }
  }

  async live<K extends "finding" | "proposal" | "claim">(
    kind: K,
  ): Promise<Extract<Finding | Proposal | Claim, { kind: K }>[]> {
    const documents = await readLive(this.store, this.pk);
    return documents.filter((document) => document.kind === kind) as never;
  }

  async read<T extends { id: string; pk: string }>(document: string): Promise<T> {
    const read = await this.store.read<T>("state", this.pk, document);
    if (read === undefined) throw new Error(`there is no ${document}`);
    return read.document;
  }

  async ledger(): Promise<LedgerEntry[]> {
    const { items } = await this.store.query<LedgerEntry>({
      container: "state",
      kinds: ["entry"],
      orderBy: { path: "cursor" },
      pageSize: 1_000,
    });
    return [...items];
  }

  /** Value of publicNetworkAccess as it is now. */
  get access(): unknown {
    return (this.arm.account?.["properties"] as Record<string, unknown> | undefined)?.["publicNetworkAccess"];
  }

  get address(): NonNullable<ReturnType<typeof accountOf>> {
    const address = accountOf(this.key);
    if (address === undefined) throw new Error("the key names no account");
    return address;
  }
}
