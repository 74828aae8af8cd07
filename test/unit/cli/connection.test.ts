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
