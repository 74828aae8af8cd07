import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** A file that outgrows this wants to be two. */
const FILE_LINES_MAX = 400;

function tracked(): string[] {
  const list = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  return list.split("\n").filter((file) => file !== "" && existsSync(join(root, file)));
}

describe("the repository", () => {
  it("has no source file over the limit", () => {
    const long = tracked()
      .filter((file) => file.endsWith(".ts"))
      .map((file) => ({ file, lines: readFileSync(join(root, file), "utf8").split("\n").length }))
      .filter(({ lines }) => lines > FILE_LINES_MAX);
    expect(long).toEqual([]);
  });

  it("has a lockfile that names no host", () => {
    const lock = readFileSync(join(root, "package-lock.json"), "utf8");
    expect(lock).not.toMatch(/"resolved"/);
    expect(lock).not.toMatch(/https?:\/\/[^"]*registry/);
  });

  it("pins every dependency exactly, durable-functions to its minor", () => {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
      devDependencies: Record<string, string>;
    };
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
      .map(([name, version]) => `${name} ${version}`);
    expect(loose).toEqual(["durable-functions ~3.5.0"]);
  });

  it("has one copy of the packages that register functions", () => {
    const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
      packages: Record<string, unknown>;
    };
    for (const name of ["@azure/functions", "durable-functions", "rhea"]) {
      const copies = Object.keys(lock.packages).filter((path) => path.endsWith(`node_modules/${name}`));
      expect(copies, name).toEqual([`node_modules/${name}`]);
    }
  });

  it("keeps secrets out", () => {
    const suspicious =
      /-----BEGIN [A-Z ]*PRIVATE KEY-----|AccountKey=[A-Za-z0-9+/=]{20}|SharedAccessKey=[A-Za-z0-9+/=]{20}/;
    const found = tracked().filter(
      (file) => /\.(ts|json|md|yaml|yml|bicep)$/.test(file) && suspicious.test(readFileSync(join(root, file), "utf8")),
    );
    expect(found).toEqual([]);
  });
});
