import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

it("registers every call of the API where its headers are set, and nothing else but the console's pages besides", () => {
  const registering = readdirSync(join(root, "functions"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => /\bapp\.(http|get|put|post|patch|deleteRequest)\(/.test(readFileSync(join(root, file), "utf8")))
    .filter((file) => !file.startsWith("functions/console/pages/"));
  expect(registering).toEqual(["functions/console/api.ts"]);
});
