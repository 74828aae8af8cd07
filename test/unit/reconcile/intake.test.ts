import { describe, expect, it } from "vitest";
import { deadLetterPartition, takeIn, type DeadLetter } from "../../../shared/reconcile/intake.ts";
import { PassBench } from "../../support/passBench.ts";

const claims = { upn: "somebody@example.com", ipaddr: "203.0.113.7" };

async function deadLetters(bench: PassBench): Promise<readonly DeadLetter[]> {
  const query = { container: "state" as const, pk: deadLetterPartition, kinds: ["deadLetter"], pageSize: 100 };
  return (await bench.store.query<DeadLetter>(query)).items;
}

describe("a message that cannot be read", () => {
  it.each([
    ["an object", { id: "1", data: { claims } }],
    ["JSON text", JSON.stringify({ id: "1", data: { claims } })],
    ["broken JSON text", JSON.stringify({ id: "1", data: { claims } }).slice(1)],
    ["a list", [{ data: { claims } }, { data: { claims } }]],
  ])("is kept with its reason and without personal data: %s", async (_name, message) => {
    const bench = new PassBench();
    expect(await takeIn(bench.context, [message])).toEqual([]);
    const letters = await deadLetters(bench);
    expect(letters).toHaveLength(1);
    expect(letters[0]?.reason).toMatch(/found/);
    expect(JSON.stringify(letters)).not.toMatch(/example\.com|203\.0\.113/);
  });

  it("does not hold up the others of its batch, however deep it is nested", async () => {
    const bench = new PassBench();
    const nested: unknown = JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`);
    const good = {
      id: "2",
      eventType: "Microsoft.Resources.ResourceWriteSuccess",
      eventTime: "2026-11-21T10:00:00Z",
      subject: bench.key,
      data: { resourceUri: bench.key, operationName: "Microsoft.CognitiveServices/accounts/write" },
    };
    const bad = { ...good, id: nested };
    expect(await takeIn(bench.context, [bad, good, { ...good, data: nested }])).toEqual([bench.key]);
    expect(await deadLetters(bench)).toHaveLength(2);
  });
});
