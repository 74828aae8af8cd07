import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { standardsFile } from "../../infra/standards.ts";
import { definitions } from "../../shared/standards/catalogue.ts";
import { standardsReference } from "../../shared/standards/reference.ts";

it("has the page of the standards as `node infra/standards.ts` writes it", () => {
  const page = readFileSync(standardsFile, "utf8");
  expect(page).toBe(standardsReference());
  for (const { id } of definitions) expect(page).toContain(`\n## ${id}\n`);
});
