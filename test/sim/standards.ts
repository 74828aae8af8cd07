/** What is demanded in the simulation: the catalogue's NET-01, which people must agree to, and one that is safe to do unasked. */
import { compileStandard, type Standard } from "../../shared/standards/definition.ts";
import type { StandardFacts } from "./auditor.ts";

/**
 * A property that has many values, so that there are third ones; safe to change by decree, so that writes that nobody
 * is asked about are simulated too.
 */
const defaultProject = {
  id: "SIM-01",
  version: 1,
  title: "Accounts have the project that everybody uses",
  severity: "medium",
  resourceType: "Microsoft.CognitiveServices/accounts",
  archetypes: ["corp", "online"],
  rule: { if: { field: "Microsoft.CognitiveServices/accounts/defaultProject", notEquals: "common" } },
  remedy: {
    kind: "patch",
    safety: "S",
    assertions: [{ path: "properties.defaultProject", op: "set", value: "common" }],
  },
  cases: [],
  sources: [],
};

export const simStandard: Standard = compileStandard(defaultProject);

export const standardFacts: readonly StandardFacts[] = [
  {
    id: "NET-01",
    path: "properties.publicNetworkAccess",
    value: "Disabled",
    archetypes: ["corp"],
    isSafe: false,
    needsEndpoint: true,
  },
  {
    id: "SIM-01",
    path: "properties.defaultProject",
    value: "common",
    archetypes: ["corp", "online"],
    isSafe: true,
    needsEndpoint: false,
  },
];
