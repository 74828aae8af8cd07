/** An account with what belongs to it, and what tests of its members do again and again. */
import type { ConfigInput } from "../../shared/config/schema.ts";
import type { Proposal } from "../../shared/desired/documents.ts";
import type { ResourceId } from "../../shared/estate/resourceId.ts";
import { decideProposal } from "../../shared/reconcile/decisions.ts";
import type { DeskContext } from "../../shared/reconcile/desk.ts";
import { decideGroup, readRequest } from "../../shared/reconcile/groups.ts";
import { undoChange, undoRun } from "../../shared/reconcile/undo.ts";
import { keyOf, PassBench, subscriptionId } from "./passBench.ts";

export const colleague = "00000000-0000-4000-8000-00000000000a";
export const approver = "00000000-0000-4000-8000-00000000000d";

/** Passes until nothing is behind; more is a wish that is never served. */
const PASSES_MAX = 20;

export class MemberBench extends PassBench {
  readonly chat = keyOf(`${this.key}/deployments/chat`);
  readonly lock = keyOf(`${this.key}/providers/microsoft.authorization/locks/steelyard`);
  readonly setting = keyOf(`${this.key}/providers/microsoft.insights/diagnosticsettings/steelyard`);

  deployment(
    name: string,
    more: { option?: string; capacity?: number; createdAt?: string; changedAt?: string } = {},
  ): void {
    const id = `${this.key}/deployments/${name}`;
    const { option = "NoAutoUpgrade", capacity = 50, createdAt = "2026-01-01T00:00:00Z", changedAt } = more;
    this.arm.members.set(id, {
      id,
      name,
      type: "Microsoft.CognitiveServices/accounts/deployments",
      sku: { name: "GlobalStandard", capacity },
      systemData: {
        lastModifiedBy: colleague,
        createdAt,
        ...(changedAt === undefined ? {} : { lastModifiedAt: changedAt }),
      },
      properties: {
        model: { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" },
        versionUpgradeOption: option,
        raiPolicyName: "baseline",
        deploymentState: "Running",
        provisioningState: "Succeeded",
      },
    });
  }

  standards(list: ConfigInput["standards"], level: "enforce" | "approve" = "enforce"): void {
    this.config = {
      version: 1,
      subscriptions: [{ id: subscriptionId, name: "corp", archetype: "corp", level }],
      standards: list,
      budgets: [{ writesPerHour: 1_000 }],
    };
  }

  /** Wishes and passes until nothing is behind, as the sweeper would have it; answers how many passes. */
  async settled(): Promise<number> {
    await this.want();
    for (let passes = 1; passes <= PASSES_MAX; passes += 1) {
      await this.pass();
      const writer = await this.read<{ id: string; pk: string; wanted: number; served: number }>("writer");
      if (writer.served === writer.wanted) return passes;
    }
    throw new Error(`still behind after ${PASSES_MAX} passes`);
  }

  undo(change: string): ReturnType<typeof undoChange> {
    return undoChange(this.#desk, { change, reason: "a test needs it", by: approver });
  }

  undoRun(run: string): ReturnType<typeof undoRun> {
    return undoRun(this.#desk, { run, reason: "a test needs it", by: approver });
  }

  approve(proposal: string, by = approver): ReturnType<typeof decideProposal> {
    return decideProposal(this.#desk, { proposal, verdict: "approve", reason: null, hash: undefined, by });
  }

  async approveGroup(group: string): ReturnType<typeof decideGroup> {
    const found = await readRequest(this.#desk, group);
    const decision = { verdict: "approve", reason: null, by: approver } as const;
    return decideGroup(this.#desk, { group, hash: found?.request.hash ?? "", ...decision });
  }

  async proposals(): Promise<readonly Proposal[]> {
    return (await this.store.query<Proposal>({ container: "state", kinds: ["proposal"], pageSize: 1_000 })).items;
  }

  /** The one that was written. */
  async applied(): Promise<Proposal> {
    const items = await this.proposals();
    const [found, ...more] = items.filter(({ state }) => state === "applied");
    if (found === undefined || more.length > 0)
      throw new Error(`found ${items.length} proposals; expected one applied`);
    return found;
  }

  /** Value of a member's property as it is now. */
  property(target: ResourceId, name: string): unknown {
    return (this.arm.members.get(target)?.["properties"] as Record<string, unknown> | undefined)?.[name];
  }

  get #desk(): DeskContext {
    const { clock, store, bus, configuration, log } = this.context;
    return { clock, store, bus, configuration, log };
  }
}
