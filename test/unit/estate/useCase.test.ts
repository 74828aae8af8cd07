import { expect, it } from "vitest";
import { parseAccount } from "../../../shared/estate/account.ts";
import { parseResource } from "../../../shared/estate/resource.ts";
import type { Sight } from "../../../shared/estate/sight.ts";
import { asUseCaseAccount, othersOf, useCaseOf, type UseCaseAccount } from "../../../shared/estate/useCase.ts";
import { keyOf } from "../../support/passBench.ts";

const id = (name: string): string =>
  `/subscriptions/5b000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/${name}`;
const served = (name: string, location: string, useCase = "claims"): UseCaseAccount => ({
  key: keyOf(id(name)),
  name,
  location,
  environment: "prod",
  useCase,
  deployments: [],
});

function sight(tags: Record<string, string>, members: Sight["members"] = {}): Sight {
  const type = "Microsoft.CognitiveServices/accounts";
  return {
    account: parseAccount({ id: id("a"), name: "a", type, location: "swedencentral", tags, properties: {} }),
    members,
  };
}

it("takes use cases for one whatever their case, and none where nothing is said", () => {
  expect(useCaseOf({ UseCase: " Claims " })).toBe("claims");
  expect(useCaseOf({ useCase: " " })).toBeUndefined();
  expect(useCaseOf({ owner: "x" })).toBeUndefined();
});

it("shows an account the others of its use case, and nobody else's", () => {
  const all = [
    served("c", "eastus2"),
    served("a", "swedencentral"),
    served("b", "westeurope"),
    served("d", "x", "other"),
  ];
  const others = othersOf(keyOf(id("a")), "claims", all);
  expect(others.map(({ name, body }) => [name, body["location"]])).toEqual([
    ["b", "westeurope"],
    ["c", "eastus2"],
  ]);
  expect(othersOf(keyOf(id("a")), undefined, all)).toEqual([]);
});

it("tells others what an account runs, and that it is not known where its deployments were not read", () => {
  const deployment = parseResource("deployments", {
    id: `${id("a")}/deployments/chat`,
    name: "chat",
    sku: { name: "GlobalStandard", capacity: 10 },
    properties: { model: { name: "gpt-4o", version: "1" }, raiPolicyName: "strict", deploymentState: "Paused" },
  });
  const known = asUseCaseAccount(sight({ useCase: "Claims" }, { deployments: [deployment] }), "prod");
  expect(known).toEqual({
    ...served("a", "swedencentral"),
    deployments: [
      { name: "chat", model: "gpt-4o", version: "1", sku: "GlobalStandard", policy: "strict", isPaused: true },
    ],
  });
  const unknown = asUseCaseAccount(sight({ useCase: "Claims" }, { deployments: { unread: "Forbidden" } }), "prod");
  expect(unknown?.deployments).toBeUndefined();
  expect(othersOf(keyOf(id("b")), "claims", [unknown!])[0]).toMatchObject({ unread: "DeploymentsNotRead" });
  expect(asUseCaseAccount(sight({}), "prod")).toBeUndefined();
});
