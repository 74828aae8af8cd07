import { describe, expect, it } from "vitest";
import type { Claim, Finding, Summary } from "../../../shared/desired/documents.ts";
import { html } from "../../../shared/view/html.ts";
import { commandFor, isTourable, tourOf, type TourInput } from "../../../shared/view/tourModel.ts";
import { tourPage, tourStart } from "../../../shared/view/tourPage.ts";
import { subscriptionId } from "../../support/passBench.ts";
import { sampleProposal } from "../../support/proposals.ts";

const key = sampleProposal().key;
const fresh: TourInput = {
  account: { key, name: "oai-payments-prod-weu", environment: "dev" },
  mode: "audit",
  isPaused: false,
  finding: undefined,
  proposal: undefined,
  claim: undefined,
};
const finding = { live: true, target: key } as Finding;
const claim = { live: true, until: "2026-11-19T14:32:00.000Z" } as Claim;

const states = (change: Partial<TourInput>): string =>
  tourOf({ ...fresh, ...change })
    .steps.map(({ name, state }) => (state === "now" ? `[${name}]` : state === "done" ? name : `(${name})`))
    .join(" ");

describe("where somebody stands", () => {
  const asks = { mode: "approve" } as const;
  const asked = { ...asks, finding, proposal: sampleProposal() };
  const applied = { ...asks, proposal: sampleProposal({ state: "applied", live: false }) };

  it.each([
    ["nothing is known", { account: null }, "[look] (ask) (break) (agree) (read) (undo)"],
    ["a fresh start", {}, "look [ask] (break) (agree) (read) (undo)"],
    ["broken before it may ask", { finding }, "look [ask] break (agree) (read) (undo)"],
    ["it may ask", asks, "look ask [break] (agree) (read) (undo)"],
    ["people are asked", asked, "look ask break [agree] (read) (undo)"],
    ["agreed", { ...asked, proposal: sampleProposal({ state: "approved" }) }, "look ask break agree [read] (undo)"],
    ["put right", applied, "look ask break agree read [undo]"],
    [
      "put right, and the mode lowered since",
      { ...applied, mode: "audit" as const },
      "look ask break agree read [undo]",
    ],
    ["taken back", { ...applied, claim }, "look ask break agree read undo"],
    ["a claim of before does not count", { ...asks, claim }, "look ask [break] (agree) (read) (undo)"],
  ])("%s", (_, change, expected) => {
    expect(states(change)).toBe(expected);
    const page = tourPage({ ...fresh, ...change, command: "do {id} '{body}'", stale: null }).toString();
    expect(page.match(/aria-current="step"/g)?.length ?? 0).toBe(expected.includes("[") ? 1 : 0);
  });
});

it("gives the command for exactly that account", () => {
  expect(commandFor("curl '{id}' -d '{body}'", key)).toBe(
    `curl '${key}' -d '{"properties":{"publicNetworkAccess":"Enabled"}}'`,
  );
});

describe("accounts for the tour", () => {
  const config = (level: "audit" | "reader" | "approve" | "enforce") => ({
    subscriptions: [{ id: subscriptionId, name: "corp", archetype: "corp" as const, level }],
  });
  const summary: Pick<Summary, "deviations" | "subscriptionId"> = { deviations: [], subscriptionId };
  const connection = { properties: { privateLinkServiceConnectionState: { status: "Approved" } } };
  const body = { properties: { publicNetworkAccess: "Disabled", privateEndpointConnections: [connection] } };

  it("are private, reachable otherwise, and may be written", () => {
    expect(isTourable(summary, { body }, config("approve"))).toBe(true);
    expect(isTourable(summary, { body }, config("reader"))).toBe(false);
    expect(isTourable(summary, { body }, undefined)).toBe(false);
    expect(isTourable(summary, { body: null }, config("approve"))).toBe(false);
    expect(isTourable(summary, { body: { properties: { publicNetworkAccess: "Disabled" } } }, config("approve"))).toBe(
      false,
    );
    expect(
      isTourable(
        summary,
        { body: { properties: { ...body.properties, publicNetworkAccess: "Enabled" } } },
        config("approve"),
      ),
    ).toBe(false);
    const broken = {
      ...summary,
      deviations: [{ standard: "NET-01", target: key, state: "open" as const, condition: null }],
    };
    expect(isTourable(broken, { body }, config("approve"))).toBe(false);
  });

  it("are offered, or it is said why there is none", () => {
    expect(tourStart({ accounts: [], seen: 0, stale: null }).toString()).toContain("No account was looked at yet");
    expect(tourStart({ accounts: [], seen: 7, stale: html`old` }).toString()).toContain("None of 7 accounts");
    const two = [key, `${key}2`].map((one) => ({ key: one, name: one.slice(-3), environment: "dev" }));
    expect(tourStart({ accounts: two, seen: 7, stale: null }).toString()).toContain(
      `account=${encodeURIComponent(key)}`,
    );
  });
});
