import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** Who may import whom below shared/, infra/ and functions/. A folder may always import itself. */
const layers: Readonly<Record<string, readonly string[]>> = {
  "shared/kernel": [],
  "shared/config": ["shared/kernel"],
  "shared/estate": ["shared/kernel"],
  "shared/ledger": ["shared/kernel", "shared/estate"],
  "shared/desired": ["shared/kernel", "shared/config", "shared/estate", "shared/ledger"],
  "shared/writer": ["shared/kernel", "shared/estate", "shared/ledger", "shared/desired"],
  "shared/standards": ["shared/kernel", "shared/config", "shared/estate", "shared/desired"],
  "shared/ports": ["shared/kernel", "shared/estate", "shared/desired"],
  "shared/adapters": ["shared/kernel", "shared/estate", "shared/desired", "shared/ports"],
  "shared/reconcile": [
    "shared/kernel",
    "shared/config",
    "shared/estate",
    "shared/ledger",
    "shared/desired",
    "shared/writer",
    "shared/standards",
    "shared/ports",
  ],
  "shared/app": ["shared/kernel", "shared/ports", "shared/adapters", "shared/reconcile"],
  "shared/view": [
    "shared/kernel",
    "shared/config",
    "shared/estate",
    "shared/ledger",
    "shared/desired",
    "shared/standards",
  ],
  // Verdicts without the product: on files, and on a subscription that is only read.
  "shared/audit": [
    "shared/kernel",
    "shared/config",
    "shared/estate",
    "shared/desired",
    "shared/standards",
    "shared/ports",
    "shared/reconcile",
    "shared/view",
  ],
  "shared/cli": ["shared/kernel", "shared/config", "shared/ledger", "shared/standards", "shared/audit", "shared/app"],
  functions: [
    "shared/kernel",
    "shared/config",
    "shared/estate",
    "shared/desired",
    "shared/ledger",
    "shared/ports",
    "shared/reconcile",
    "shared/app",
    "shared/view",
  ],
};

/** Folders whose code decides: no I/O, no clock, no chance, no Azure. */
const pure = ["kernel", "config", "estate", "ledger", "desired", "writer", "standards", "view"].map(
  (name) => `shared/${name}`,
);

interface Import {
  readonly file: string;
  readonly from: string;
  readonly specifier: string;
}

function files(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function imports(folder: string): Import[] {
  return files(folder).flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const specifiers = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g)].map(
      ([, specifier]) => specifier ?? "",
    );
    return specifiers.map((specifier) => ({
      file,
      specifier,
      from: specifier.startsWith(".") ? relative(root, resolve(root, dirname(file), specifier)) : specifier,
    }));
  });
}

function layerOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "shared" ? `${top}/${second}` : top;
}

describe("dependencies point inwards", () => {
  const all = [...imports("shared"), ...imports("functions")];

  it("knows every folder of shared/", () => {
    const unknown = [...new Set(files("shared").map(layerOf))].filter((layer) => !(layer in layers));
    expect(unknown).toEqual([]);
  });

  it("keeps every import within the table", () => {
    const broken = all
      .filter(({ specifier }) => specifier.startsWith("."))
      .filter(({ file, from }) => {
        const [here, there] = [layerOf(file), layerOf(from)];
        return here !== there && !(layers[here] ?? []).includes(there);
      })
      .map(({ file, from }) => `${file} imports ${from}`);
    expect(broken).toEqual([]);
  });

  it("keeps Azure, Node and the host out of what decides", () => {
    const allowed = ["zod", "node:crypto"];
    const broken = all
      .filter(
        ({ file, specifier }) =>
          pure.includes(layerOf(file)) && !specifier.startsWith(".") && !allowed.includes(specifier),
      )
      .map(({ file, specifier }) => `${file} imports ${specifier}`);
    expect(broken).toEqual([]);
  });

  it("lets only adapters, the composition root and the command line import the Azure SDKs", () => {
    const allowed = ["shared/adapters", "shared/app", "shared/cli"];
    const broken = all
      .filter(
        ({ file, specifier }) =>
          specifier.startsWith("@azure/") && specifier !== "@azure/functions" && !allowed.includes(layerOf(file)),
      )
      .map(({ file, specifier }) => `${file} imports ${specifier}`);
    expect(broken).toEqual([]);
  });

  it("imports durable-functions in one file", () => {
    const importers = all.filter(({ specifier }) => specifier === "durable-functions").map(({ file }) => file);
    expect([...new Set(importers)]).toEqual(["functions/durable.ts"]);
  });

  it("knows nothing of the local platform in the product, and no loop in the platform", () => {
    const outward = all
      .filter(({ from }) => /^(infra|test)\//.test(from))
      .map(({ file, from }) => `${file} imports ${from}`);
    // It writes a page of documentation and belongs to no platform.
    const isTool = ({ file }: Import): boolean => file === "infra/standards.ts";
    const inward = imports("infra")
      .filter((item) => !isTool(item))
      .filter(({ from }) => /^(shared\/(?!config\/|kernel\/)|functions\/|test\/)/.test(from))
      .map(({ file, from }) => `${file} imports ${from}`);
    expect([...outward, ...inward]).toEqual([]);
  });
});
