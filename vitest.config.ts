import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    globalSetup: "test/support/productBuild.ts",
    // A file of the wire tier runs up to four processes of its own.
    maxWorkers: 2,
    retry: 0,
  },
});
