import { expect, it } from "vitest";
import { modelsNamed } from "../../../shared/estate/model.ts";
import { parseResource } from "../../../shared/estate/resource.ts";

const model = (name: string, version: string, more: object = {}): ReturnType<typeof parseResource> =>
  parseResource("models", { format: "OpenAI", name, version, ...more });

const deployment = (name: string, version: string): ReturnType<typeof parseResource> =>
  parseResource("deployments", {
    id: "/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/a/deployments/chat",
    name: "chat",
    properties: { model: { format: "OpenAI", name, version } },
  });

it("keeps of a catalogue what is deployed and what replaces that", () => {
  const replacementConfig = { targetModelName: "gpt-5", targetModelVersion: "1" };
  const models = [
    model("gpt-4o", "2", { replacementConfig }),
    model("GPT-5", "1"),
    model("gpt-5", "2"),
    model("o3", "1"),
  ];
  const named = (deployed: Parameters<typeof modelsNamed>[0]): string[] =>
    modelsNamed(deployed, models).map(({ id }) => id);
  expect(named([deployment("GPT-4o", "2")])).toEqual(["models/openai/gpt-4o/2", "models/openai/gpt-5/1"]);
  expect(named([deployment("gpt-4o", "3")])).toEqual([]);
  expect(named([])).toEqual([]);
});

it("takes an entry for one by what it is, and says what is missing", () => {
  expect(model("ft", "1", { source: "x", sourceAccount: "y" }).id).toBe("models/openai/ft/1/x/y");
  expect(() => parseResource("models", { format: "OpenAI", name: "gpt-4o" })).toThrow("version");
});
