import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readOwnStandards } from "../../shared/cli/ownStandards.ts";
import { remedyKinds, standardSchema } from "../../shared/standards/schema.ts";
import { resourceTypes } from "../../shared/standards/subjects.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../docs/reference/standard-file.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "steelyard-standard-"));
afterAll(() => rmSync(folder, { recursive: true }));

const [whole = {}, remedied = {}] = [...page.matchAll(/```json\n(.*?)```/gs)].map(
  ([, text = ""]) => JSON.parse(text) as Record<string, unknown>,
);

async function read(standard: object): Promise<unknown> {
  const path = join(folder, "one.json");
  writeFileSync(path, JSON.stringify(standard));
  return readOwnStandards(path);
}

it("has its examples understood, and their cases say what they say", async () => {
  expect(await read(whole)).toMatchObject([{ id: "NAM-01", version: 1, cases: [{}, {}], sources: [] }]);
  const { parameters: _, failure: _failure, byHand: _byHand, cases: _cases, ...rest } = whole;
  expect(await read({ ...rest, ...remedied })).toMatchObject([{ remedy: { kind: "tag" } }]);
});

it("names every member, type and kind of remedy that there is", () => {
  const names = [...Object.keys(standardSchema.shape), ...remedyKinds];
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  const last = resourceTypes.map((type) => type.split("/").at(-1) ?? "");
  expect(last.filter((name) => !page.includes(`${name}\``))).toEqual([]);
});

it("says which case of a standard is otherwise", async () => {
  const cases = (whole["cases"] as object[]).map((one) => ({ ...one, verdict: "pass" }));
  await expect(read({ ...whole, cases })).rejects.toThrow(
    /one\.json:1:\d+: \/cases\/1: "with another one": found fail \(The name does not begin with oai-\.\); expected pass/,
  );
  const unbound = { ...cases[0], parameters: {} };
  await expect(read({ ...whole, cases: [unbound] })).rejects.toThrow(/cases\/0: .*parameters\.prefix: found nothing/);
});
