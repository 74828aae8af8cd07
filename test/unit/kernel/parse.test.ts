import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parse } from "../../../shared/kernel/parse.ts";

const schema = z.strictObject({ verdict: z.enum(["approve", "reject"]) });

describe("what is said about bad input", () => {
  it("names where, what was found and what was expected", () => {
    expect(() => parse(schema, { verdict: "maybe" }, "body")).toThrow(/^body at verdict: found "maybe"; .*"approve"/);
  });

  it("cuts what was found", () => {
    expect(() => parse(schema, { verdict: "x".repeat(1000) }, "body")).toThrow(/found "x{79}\.\.\.;/);
  });

  it("is said of input nested too deeply to be written as JSON again", () => {
    const nested: unknown = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    const expected = expect.objectContaining({
      code: "BadInput",
      message: expect.stringContaining("found an array nested too deeply to show") as string,
    });
    expect(() => parse(schema, { verdict: nested }, "body")).toThrow(expected);
    const extra = { verdict: "approve", extra: nested };
    expect(() => parse(schema, extra, "body")).toThrow(expect.objectContaining({ code: "BadInput" }));
  });
});
