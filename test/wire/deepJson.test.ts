/** JSON that is nested thousands of levels deep is somebody's mistake or attack: status 400, in each engine's own words. */
import { describe, expect, test } from "vitest";
import { serveTopic } from "../../infra/local/eventgrid/topicEndpoint.ts";
import { dispatcher, route } from "../../infra/local/platform/control/route.ts";
import { parseRequest } from "../../infra/local/cosmos/request.ts";
import { NestedTooDeeply, parseJson, type WireRequest } from "../../infra/local/platform/wire.ts";
import { z } from "zod";
import { A, armRig, owner } from "../support/armRig.ts";

const nested = (levels: number): string => `${'{"a":['.repeat(levels / 2)}1${"]}".repeat(levels / 2)}`;

function request(url: string, body: string, headers: Record<string, string> = {}): WireRequest {
  return { method: "POST", url: new URL(url), headers, body: Buffer.from(body) };
}

describe("a body", () => {
  test.each([[128], [2]])("of %i levels is taken", (levels) => {
    expect(JSON.stringify(parseJson(nested(levels)))).toBe(nested(levels));
  });

  test.each([[130], [10_000], [200_000]])("of %i levels is refused", (levels) => {
    expect(() => parseJson(nested(levels))).toThrow(NestedTooDeeply);
  });

  test("of many brackets side by side is taken, also inside of text", () => {
    const flat = JSON.stringify({ list: Array.from({ length: 1_000 }, () => []), text: "[".repeat(1_000) });
    expect(JSON.stringify(parseJson(flat))).toBe(flat);
  });
});

describe("ten thousand levels", () => {
  const deep = nested(10_000);

  test("ARM: 400", () => {
    const { arm } = armRig();
    const url = `https://management.azure.com${A}?api-version=2025-09-01`;
    const headers = { "content-type": "application/json" };
    const body = `{"tags":${deep}}`;
    expect(arm.handle({ ...request(url, body, headers), method: "PATCH" }, owner)).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining("nested more than 128 levels") } },
    });
  });

  test("Event Grid: 400", async () => {
    const url = "https://localhost/api/events?api-version=2018-01-01";
    const answer = await serveTopic(request(url, `[${deep}]`, { "content-type": "application/json" }), {
      inputSchema: "EventGridSchema",
      verify: async () => owner,
      accept: () => {},
    });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "BadRequest" } } });
  });

  test("Cosmos DB: 400", () => {
    expect(() => parseRequest(request("https://localhost/dbs/d/colls/c/docs", deep))).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringContaining("nested") }),
    );
  });

  test("the control surface: 400", async () => {
    const any = route({
      method: "POST",
      path: "x",
      summary: "",
      body: z.unknown(),
      responses: {},
      handle: () => ({ status: 200 }),
    });
    const answer = await dispatcher("/_platform", [any])(request("http://localhost/_platform/x", deep));
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "InvalidJson" } } });
  });
});
