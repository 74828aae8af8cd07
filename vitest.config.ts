import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that start first, in this order: each takes ten seconds or more, most of them of one core. */
const longest = [
  "gate",
  "chaos",
  "contoso",
  "faults",
  "plans",
  "audit",
  "burst",
  "platformTime",
  "approvals",
  "platformStart",
  "skeleton",
];
/** Files that start last: each keeps two processes busy, so that no core is idle while the last one runs. */
const widest = ["mutants", "sim"];

/** Without it, a file that takes half a minute might start when all others have ended. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => rank(a.moduleId) - rank(b.moduleId));
  }
}

function rank(path: string): number {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(".test.ts", "");
  const first = longest.indexOf(name);
  return first === -1 ? longest.length + widest.indexOf(name) + 1 : first;
}

/**
 * Files that leave nothing behind but modules that are loaded: they run one after the other in processes that go on, and
 * load what they have in common once. A process for each would take longer than most of them. Not corruptPages, which
 * replaces modules.
 */
const together = [
  "test/{unit,property,contract,replay,repo}/**/!(corruptPages).test.ts",
  "test/wire/{arm,durable,eventgrid,cosmosConformance}*.test.ts",
  "test/wire/{deepJson,hostNcrontab,hostRoutes,hostSettings,identityDirectory,servicebusProtocol}.test.ts",
];

/** Limits for what hangs, not bars for what is slow: on a busy machine a test with its own processes takes three times as long. */
const options = { testTimeout: 90_000, hookTimeout: 120_000, pool: "forks", retry: 0 } as const;

export default defineConfig({
  test: {
    globalSetup: "test/support/productBuild.ts",
    // More than cores: a file of the wire tier waits for its own processes most of the time.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { ...options, name: "alone", include: ["test/**/*.test.ts"], exclude: together } },
      { test: { ...options, name: "together", include: together, isolate: false } },
    ],
  },
});
