/** What is demanded in the simulation: the catalogue's NET-01, which people must agree to, and one that is safe to do unasked. */
import { compileStandard, type Standard } from "../../shared/standards/definition.ts";
import type { StandardFacts } from "./auditor.ts";

/** Local keys off: safe here by decree, so that writes that nobody is asked about are simulated too. */
const localKeys = {
  id: "SIM-01",
  version: 1,
  title: "Accounts have no local keys",
  severity: "medium",
  resourceType: "Microsoft.CognitiveServices/accounts",
  archetypes: ["corp", "online"],
  rule: { if: { field: "Microsoft.CognitiveServices/accounts/disableLocalAuth", notEquals: true } },
  remedy: {
    kind: "patch",
    safety: "S",
    assertions: [{ path: "properties.disableLocalAuth", op: "set", value: true }],
  },
  cases: [],
  sources: [],
};

export const simStandard: Standard = compileStandard(localKeys, "enforce");

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
    path: "properties.disableLocalAuth",
    value: true,
    archetypes: ["corp", "online"],
    isSafe: true,
    needsEndpoint: false,
  },
];
