import { expect, test } from "vitest";
import { MemoryDirectory } from "../support/memoryDirectory.ts";
import { directoryContract } from "./directory.ts";

directoryContract("in memory", async () => {
  const directory = new MemoryDirectory();
  return {
    directory,
    hold: (known) => {
      directory.known = known;
    },
    close: async () => {},
  };
});

test("while it is away it tells nothing", async () => {
  const directory = new MemoryDirectory();
  directory.away = { code: "NoAnswer", message: "away", retryAfterMs: 1_000 };
  expect(await directory.principals(["ada@contoso.com"])).toEqual({ kind: "failed", error: directory.away });
});
