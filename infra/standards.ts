/** Writes what the standards ask to docs/reference/standards.md, from their definitions. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { standardsReference } from "../shared/standards/reference.ts";

export const standardsFile = join(import.meta.dirname, "../docs/reference/standards.md");

if (import.meta.main) writeFileSync(standardsFile, standardsReference());
