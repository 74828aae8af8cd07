import { describe, expect, it } from "vitest";
import { z } from "zod";
import { SteelyardError } from "../../../shared/kernel/errors.ts";
import { parse } from "../../../shared/kernel/parse.ts";

const schema = z.strictObject({ verdict: z.enum(["approve", "reject"]) });

describe("what is said about bad input", () => {
  it("names where, what was found and what was expected", () => {
    expect(() => parse(schema, { verdict: "maybe" }, "body")).toThrow(
      /^body at verdict: found "maybe"; expected one of approve, reject$/,
    );
  });

  it.each<[string, z.ZodType, unknown, string]>([
    [
      "a name too many",
      schema,
      { verdict: "approve", tone: 1, mood: 2 },
      "body: found tone, mood; expected one of verdict",
    ],
    [
      "one further in",
      z.object({ of: schema }),
      { of: { verdict: "reject", tone: 1 } },
      "body at of: found tone; expected no such name",
    ],
    ["a value that is missing", schema, {}, "body at verdict: found nothing; expected one of approve, reject"],
    ["another type", z.boolean(), "yes", 'body: found "yes"; expected true or false'],
    ["a fraction", z.int(), 1.5, "body: found 1.5; expected a whole number"],
    ["a number out of range", z.int().min(1).max(5), 9, "body: found 9; expected a number of at most 5"],
    ["a bound that is not in the range", z.number().gt(0), 0, "body: found 0; expected a number of more than 0"],
    ["a text that is empty", z.string().min(1), "", 'body: found ""; expected at least 1 characters'],
    ["a list that is too long", z.array(z.int()).max(1), [1, 2], "body: found [1,2]; expected at most 1 of them"],
    ["a format", z.guid(), "x", 'body: found "x"; expected a GUID, such as 5b000000-0000-4000-8000-000000000001'],
    [
      "a format in words of its own",
      z.string().regex(/^c-/, "expected a change"),
      "x",
      'body: found "x"; expected a change',
    ],
  ])("says %s in plain words", (_, of, input, message) => {
    expect(() => parse(of, input, "body")).toThrow(new SteelyardError("BadInput", message));
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
