import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { invocationOf, readLine } from "../../../shared/cli/command.ts";
import { redriveCommand } from "../../../shared/cli/commands/redrive.ts";
import { SteelyardError } from "../../../shared/kernel/errors.ts";

const letter = (id: string, stuck: string | null = null) => ({
  id,
  queue: "events",
  reason: "found x",
  at: "2026-11-21T10:00:00.000Z",
  stuck,
});
let printed: string[];
let calls: string[];

beforeEach(() => {
  printed = [];
  calls = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
});
afterEach(() => vi.restoreAllMocks());

/** Runs the command against a product that answers so; an error is an answer as well. */
async function run(args: readonly string[], answer: (method: string, path: string) => unknown) {
  const connection = {
    call: async (method: string, path: string) => {
      calls.push(`${method} ${path}`);
      const given = answer(method, path);
      if (given instanceof Error) throw given;
      return given;
    },
  };
  const line = readLine(["redrive", ...args], [redriveCommand]);
  const code = await redriveCommand.run(invocationOf(redriveCommand, line, () => Promise.resolve(connection as never)));
  return { code, text: printed.join("") };
}

const refused = (status: number): SteelyardError =>
  new SteelyardError("Refused", `POST /api/deadletters/x/redrive: ${status} Conflict it was redriven before`);

describe("redrive", () => {
  it("lists what waits over all pages, and says when there is nothing", async () => {
    const pages = (_method: string, path: string) =>
      path.includes("continuation")
        ? { value: [letter("dead-2")], continuation: null }
        : { value: [letter("dead-1")], continuation: "next" };
    const listed = await run([], pages);
    expect(listed).toMatchObject({ code: 1, text: expect.stringMatching(/dead-1[^]*dead-2/) });
    printed = [];
    expect(await run([], () => ({ value: [], continuation: null }))).toEqual({
      code: 0,
      text: "No dead letter waits.\n",
    });
    printed = [];
    const unread = await run([], () => ({ value: [], continuation: null, unread: ["wake"] }));
    expect(unread).toMatchObject({ code: 1, text: expect.stringContaining("of the queue wake could not be read") });
  });

  it("takes in all that can be, and tells what stays and why", async () => {
    const answer = (method: string, path: string) => {
      if (method === "GET")
        return {
          value: [letter("dead-1"), letter("dead-2", "It names no resource."), letter("dead-3")],
          continuation: null,
        };
      return path.includes("dead-3") ? refused(409) : letter("dead-1");
    };
    const { code, text } = await run(["--all", "--json"], answer);
    expect(code).toBe(1);
    expect(JSON.parse(text)).toMatchObject({ redriven: ["dead-1"], left: [{ id: "dead-2" }, { id: "dead-3" }] });
    expect(calls.filter((call) => call.startsWith("POST"))).toHaveLength(2);
  });

  it("stops at what is so of all of them", async () => {
    const answer = (method: string) =>
      method === "GET" ? { value: [letter("dead-1"), letter("dead-2")], continuation: null } : refused(403);
    await expect(run(["--all"], answer)).rejects.toThrow("403");
    expect(calls.filter((call) => call.startsWith("POST"))).toHaveLength(1);
  });

  it("sets one aside, and takes one in", async () => {
    await run(["dead-1", "--dismiss"], () => letter("dead-1"));
    const { text } = await run(["dead-1"], () => letter("dead-1"));
    expect(calls).toEqual(["POST /api/deadletters/dead-1/dismiss", "POST /api/deadletters/dead-1/redrive"]);
    expect(text).toBe("dead-1 is set aside.\ndead-1 is in the queue events again.\n");
  });

  it.each([[["dead-1", "--all"]], [["--dismiss"]]])("is bad input: %j", async (args) => {
    await expect(run(args, () => letter("x"))).rejects.toMatchObject({ code: "BadInput" });
  });
});
