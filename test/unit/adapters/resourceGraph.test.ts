/** The inventory's query, what its answers mean, and what the headers say of how much more may be asked. */
import { createHttpHeaders, type PipelineRequest } from "@azure/core-rest-pipeline";
import { describe, expect, it } from "vitest";
import { AzureArm } from "../../../shared/adapters/azureArm.ts";
import { budgetOf, graphWaitMs } from "../../../shared/adapters/armBudget.ts";
import { inventoryPage, inventoryRequest } from "../../../shared/adapters/resourceGraph.ts";

const one = "5b000000-0000-4000-8000-000000000001";
const id = `/subscriptions/${one}/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/OAI`;
const headers = (values: Record<string, string> = {}) => ({ get: (name: string) => values[name] });

describe("the inventory's query", () => {
  it("names its subscriptions, orders by id and goes on by token", () => {
    const { query, options } = inventoryRequest([one, one.replace("1", "2")], "token") as Record<string, never>;
    expect(query).toContain(`subscriptionId in~ ('${one}', '`);
    expect(query).toMatch(/project id, .*order by id asc$/);
    expect(options).toEqual({ $top: 1_000, resultFormat: "objectArray", $skipToken: "token" });
  });

  it("takes nothing that is no subscription ID", () => {
    expect(() => inventoryRequest(["') or ('1' == '1"], undefined)).toThrow(/is no subscription ID/);
  });
});

describe("an answer of Resource Graph", () => {
  it("is a page of accounts; what is no account is left out", () => {
    const body = {
      totalRecords: 3,
      count: 2,
      resultTruncated: "false",
      $skipToken: "next",
      data: [{ id }, { id: "x" }],
    };
    const page = inventoryPage(JSON.stringify(body), headers({ "x-ms-user-quota-remaining": "14" }));
    expect(page).toMatchObject({
      kind: "page",
      page: { accounts: [{ id: id.toLowerCase(), subscriptionId: one }], continuation: "next", waitMs: 0 },
    });
  });

  it.each([{ data: { rows: [] } }, { data: [{ name: "x" }] }, null, { data: [], resultTruncated: "true" }])(
    "that is %j is not understood, and so nobody takes it for an empty estate",
    (body) => {
      const result = inventoryPage(JSON.stringify(body), headers());
      expect(result).toMatchObject({ kind: "failed", error: { class: "giveUp", code: "UnreadableAnswer" } });
    },
  );

  it.each([
    [{}, 0],
    [{ "x-ms-user-quota-remaining": "1", "x-ms-user-quota-resets-after": "00:00:03" }, 0],
    [{ "x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:03" }, 3_000],
    [{ "x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "99:00:00" }, 60_000],
    [{ "x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "soon" }, 0],
  ])("with %j is followed after %i ms", (values, waitMs) => {
    expect(graphWaitMs(headers(values as Record<string, string>))).toBe(waitMs);
  });
});

describe("what is left of the reads", () => {
  it.each([
    [{}, undefined, undefined],
    [{ "x-ms-ratelimit-remaining-subscription-reads": "249" }, 249, undefined],
    [{ "x-ms-ratelimit-remaining-subscription-global-reads": "3749" }, undefined, 3_749],
    [{ "x-ms-ratelimit-remaining-subscription-reads": "-1" }, undefined, undefined],
    [{ "x-ms-ratelimit-remaining-subscription-reads": "many" }, undefined, undefined],
  ])("by %j", (values, own, shared) => {
    expect(budgetOf(headers(values as Record<string, string>))).toEqual({ own, shared });
  });
});

/** ARM behind a pipeline whose last step answers by itself. */
function armAnswering(status: number, body: unknown, answerHeaders: Record<string, string> = {}) {
  const requests: PipelineRequest[] = [];
  const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: 4_102_444_800_000 }) };
  const arm = new AzureArm(credential, "https://management.azure.com/", {
    sendRequest: async (request) => {
      requests.push(request);
      return { request, status, headers: createHttpHeaders(answerHeaders), bodyAsText: JSON.stringify(body) };
    },
  });
  return { arm, requests };
}

const address = { id: id.toLowerCase() as never, subscriptionId: one, resourceGroup: "rg", name: "oai" };

describe("the adapter", () => {
  it("asks the tenant's service with the token, once", async () => {
    const { arm, requests } = armAnswering(200, { data: [{ id }] });
    expect(await arm.inventory([one], undefined)).toMatchObject({ kind: "page", page: { continuation: undefined } });
    const [request] = requests;
    expect([request?.method, request?.url, request?.headers.get("authorization")]).toEqual([
      "POST",
      "https://management.azure.com/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01",
      "Bearer t",
    ]);
    expect(requests).toHaveLength(1);
  });

  it("hands a throttled query back with the time to wait, without trying by itself", async () => {
    const { arm, requests } = armAnswering(
      429,
      { error: { code: "RateLimiting", message: "" } },
      { "retry-after": "4" },
    );
    expect(await arm.inventory([one], undefined)).toMatchObject({
      kind: "failed",
      error: { class: "retry", code: "RateLimiting", retryAfterMs: 4_000 },
    });
    expect(requests).toHaveLength(1);
  });

  it.each([
    [200, "told"],
    [404, "told"],
    [403, "told"],
    [429, "failed"],
    [503, "failed"],
  ])("reads what is left from an answer of %i: %s", async (status, kind) => {
    const { arm } = armAnswering(status, {}, { "x-ms-ratelimit-remaining-subscription-reads": "7" });
    const result = await arm.readBudget(address);
    expect(result.kind).toBe(kind);
    expect("budget" in result ? result.budget.own : 7).toBe(7);
  });
});
