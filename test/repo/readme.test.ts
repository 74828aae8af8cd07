import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { scenarios } from "../../infra/local/scenarios/index.ts";

const readme = readFileSync(join(resolve(import.meta.dirname, "../.."), "README.md"), "utf8");

describe("the README", () => {
  it("opens an account that is private in the scenario that npm start lays", () => {
    const account = /^ACCOUNT=(\S+)$/m.exec(readme)?.[1];
    const { resources } = scenarios.small({ seed: 1, nowMs: Date.parse("2026-11-20T08:00:00Z"), config: {} });
    expect(resources.find(({ id }) => id === account)).toMatchObject({
      properties: { publicNetworkAccess: "Disabled" },
    });
  });
});
