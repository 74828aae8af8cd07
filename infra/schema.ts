/**
 * Writes the JSON Schema of steelyard.yaml to docs/reference/steelyard.schema.json, from the schema that the product parses
 * with: editors that speak yaml-language-server complete and check the file by it. What one field says about another (a
 * quorum and its approvers, say) only `steelyard config apply` and the product check.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { configFileSchema } from "../shared/config/schema.ts";

export const schemaFile = join(import.meta.dirname, "../docs/reference/steelyard.schema.json");

/** What the file says. */
export function configurationSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(configFileSchema, { io: "input", target: "draft-7" });
  const head = { $schema, title: "Configuration of Steelyard", description: "steelyard.yaml; see docs/concepts.md" };
  return { ...head, ...schema };
}

if (import.meta.main) writeFileSync(schemaFile, `${JSON.stringify(configurationSchema(), undefined, 2)}\n`);
