import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { connect } from "../../../shared/cli/connection.ts";

describe("STEELYARD_URL", () => {
  it.each(["steelyard", "ftp://steelyard.example", "https://steelyard.example/api", "https://steelyard.example/?a=1"])(
    "%s is refused with what was expected",
    async (url) => {
      await expect(connect({ STEELYARD_URL: url, STEELYARD_TOKEN: "x" })).rejects.toMatchObject({
        code: "BadInput",
        message: expect.stringContaining(`found "${url}"; expected the address of the product without a path`),
      });
    },
  );

  it("may end with a slash", async () => {
    const { url } = await connect({ STEELYARD_URL: "https://steelyard.example/", STEELYARD_TOKEN: "x" });
    expect(url).toBe("https://steelyard.example");
  });
});

describe("the product on this machine", () => {
  async function refusal(error: object): Promise<unknown> {
    const server = createServer((_, response) => response.writeHead(400).end(JSON.stringify({ error }))).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const dir = mkdtempSync(join(tmpdir(), "steelyard-cli-"));
    writeFileSync(join(dir, "connection.json"), JSON.stringify({ url, tokenUrl: `${url}/token`, as: "ada" }));
    try {
      return await connect({ STEELYARD_DATA: dir }, "bob");
    } catch (thrown) {
      return thrown;
    } finally {
      server.close();
      rmSync(dir, { recursive: true });
    }
  }

  it.each([
    [
      { code: "AADSTS50034", message: "AADSTS50034: no principal bob" },
      "nobody here is bob: AADSTS50034: no principal bob",
    ],
    [{ code: "NotFound", message: "no principal bob" }, "nobody here is bob: NotFound no principal bob"],
  ])("is found where its state is, and its code is told once", async (error, message) => {
    expect(await refusal(error)).toMatchObject({ code: "BadInput", message });
  });

  it("says what to do where nothing runs", async () => {
    await expect(connect({ STEELYARD_DATA: join(tmpdir(), "steelyard-none") })).rejects.toThrow(
      /start it with `npm start`/,
    );
  });
});
