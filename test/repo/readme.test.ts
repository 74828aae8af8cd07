import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfigFile } from "../../shared/cli/configFile.ts";
import { scenarios } from "../../infra/local/scenarios/index.ts";

const readme = readFileSync(join(resolve(import.meta.dirname, "../.."), "README.md"), "utf8");

describe("the README", () => {
  it("edits steelyard.yaml so that NET-01 asks", () => {
    const [, id = "none", from = "", to = ""] =
      /^sed -i\.orig '\/id: ([\w-]+)\/\{n;s\/(\w+)\/(\w+)\/;\}'/m.exec(readme) ?? [];
    const file = readFileSync(join(resolve(import.meta.dirname, "../.."), "steelyard.yaml"), "utf8");
    const edited = file.replace(new RegExp(`(id: ${id}\n.*)${from}`), `$1${to}`);
    const { config } = parseConfigFile("steelyard.yaml", edited);
    expect(config.standards.find((standard) => standard.id === "NET-01")).toMatchObject({ mode: "approve" });
  });

  it("opens an account that is private in the scenario that npm start lays", () => {
    const account = /^ACCOUNT=(\S+)$/m.exec(readme)?.[1];
    const { resources } = scenarios.contoso({ seed: 1, nowMs: Date.parse("2026-11-20T08:00:00Z"), config: {} });
    expect(resources.find(({ id }) => id === account)).toMatchObject({
      properties: { publicNetworkAccess: "Disabled" },
    });
  });
});
