import { describe, expect, it } from "vitest";
import { SteelyardError } from "../../../shared/kernel/errors.ts";
import { sweepPage } from "../../../shared/reconcile/sweep.ts";
import { PassBench, subscriptionId } from "../../support/passBench.ts";

describe("a subscription that cannot be listed", () => {
  it("has no pages when Azure refuses, so that the others are swept", async () => {
    const bench = new PassBench();
    bench.arm.listAccounts = () => Promise.reject(new SteelyardError("Refused", "AuthorizationFailed"));
    expect(await sweepPage(bench.context, subscriptionId, null)).toEqual({ keys: [], continuation: null });
  });

  it("fails the page when Azure is not there, so that it is tried again", async () => {
    const bench = new PassBench();
    bench.arm.listAccounts = () => Promise.reject(new SteelyardError("Unavailable", "no answer"));
    await expect(sweepPage(bench.context, subscriptionId, null)).rejects.toMatchObject({ code: "Unavailable" });
  });
});
