import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { configurationSchema, schemaFile } from "../../infra/schema.ts";

it("has the JSON Schema of steelyard.yaml as `npm run schema` writes it", () => {
  expect(JSON.parse(readFileSync(schemaFile, "utf8"))).toEqual(configurationSchema());
});
