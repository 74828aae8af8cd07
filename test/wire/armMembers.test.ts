/** What the adapter reads of what belongs to an account, from an engine that refuses what Azure would. */
import { describe, expect, it } from "vitest";
import { modelOf } from "../../shared/estate/model.ts";
import type { MemberKind, Resource } from "../../shared/estate/sight.ts";
import { readSight } from "../../shared/reconcile/sight.ts";
import { adapterOf, addressOf } from "../support/adapterRig.ts";
import { A, armRig, product, stranger, type ArmRig } from "../support/armRig.ts";
import { judged } from "../support/judgedRig.ts";
import { MemoryDirectory } from "../support/memoryDirectory.ts";

const judge = judged();
const address = addressOf(A);

async function listed(rig: ArmRig, kind: MemberKind): Promise<readonly Resource[]> {
  const result = await adapterOf(rig, product).arm.listMembers(address, kind);
  if (result.kind === "failed") throw new Error(`${kind}: ${result.error.code}`);
  return result.resources;
}

describe("the models of the catalogue", () => {
  it("are listed with their ends and what replaces them, and joined to what runs them", async () => {
    const rig = judge(armRig());
    const models = await listed(rig, "models");
    const [chat] = await listed(rig, "deployments");
    const model = modelOf(chat!.body, models);
    expect(model?.body).toMatchObject({
      format: "OpenAI",
      name: "gpt-4o",
      version: "2024-11-20",
      lifecycleStatus: expect.any(String),
      deprecation: { inference: expect.stringMatching(/^\d{4}-\d{2}-\d{2}/) },
    });
    expect(models.length).toBeGreaterThan(5);
  });

  it("are seen by a look as far as they are run or replace what is", async () => {
    const rig = judge(armRig());
    const context = { arm: adapterOf(rig, product).arm, directory: new MemoryDirectory() };
    const sources = new Set(["deployments", "models"] as const);
    const result = await readSight(context, address, sources, new Map());
    if (result.kind !== "found") throw new Error(result.kind);
    const { models } = result.sight.members;
    if (models === undefined || "unread" in models) throw new Error("no models");
    const run = models.filter(({ body }) => body["name"] === "gpt-4o" && body["version"] === "2024-11-20");
    expect(run).toHaveLength(1);
    expect(models.length).toBeLessThanOrEqual(2);
  });

  it("are not known to who may not read the account", async () => {
    const result = await adapterOf(judge(armRig()), stranger).arm.listMembers(address, "models");
    expect(result).toMatchObject({ kind: "failed", error: { code: "AuthorizationFailed" } });
  });
});

it("lists Azure's own content filter policies with those that people made", async () => {
  const names = (await listed(judge(armRig()), "raiPolicies")).map(({ name }) => name);
  expect(names).toContain("Microsoft.DefaultV2");
});
