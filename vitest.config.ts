import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    globalSetup: "test/support/productBuild.ts",
    // More than cores: a file of the wire tier waits for its own processes most of the time.
    maxWorkers: 3,
    retry: 0,
  },
});
