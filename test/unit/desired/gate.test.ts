import { describe, expect, it } from "vitest";
import { effectiveMode, gate, type GateInput } from "../../../shared/desired/gate.ts";

const open: GateInput = {
  mode: "enforce",
  safety: "S",
  enrolment: "enforce",
  paused: false,
  unmet: undefined,
  putsBack: false,
  owned: [],
  pipeline: undefined,
  flapping: undefined,
};

describe("the gate", () => {
  it.each([
    ["everything allows it", {}, "enforce"],
    ["the remedy can cut traffic", { safety: "R" }, "approve"],
    ["there is no remedy of ours", { safety: "X" }, "audit"],
    ["the subscription is enrolled for approval only", { enrolment: "approve" }, "approve"],
    ["the identity is a Reader there", { enrolment: "reader" }, "audit"],
    ["the subscription is not enrolled", { enrolment: undefined }, "audit"],
    ["the standard is configured to audit", { mode: "audit" }, "audit"],
  ] as const)("takes the lowest mode: %s", (_name, change, expected) => {
    expect(effectiveMode({ ...open, ...change })).toBe(expected);
  });

  it("never writes or asks outside enrolment or in audit", () => {
    expect(gate({ ...open, enrolment: undefined }).kind).toBe("report");
    expect(gate({ ...open, enrolment: "audit" }).kind).toBe("report");
  });

  it("holds what is paused or not prepared, with a reason", () => {
    expect(gate({ ...open, paused: true })).toMatchObject({ kind: "hold", reason: "Paused" });
    expect(gate({ ...open, unmet: "No endpoint." })).toEqual({
      kind: "hold",
      reason: "PreconditionUnmet",
      message: "No endpoint.",
    });
  });

  it("asks, or proceeds where nobody has to be asked", () => {
    expect(gate({ ...open, safety: "R" }).kind).toBe("ask");
    expect(gate(open).kind).toBe("proceed");
  });
});
