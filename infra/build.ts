/**
 * Bundles the two function apps: functions/core.ts to dist/core.js, functions/edge.ts to dist/edge.js.
 *
 * - ESM, because the package is; `@azure/functions` and durable-functions are CommonJS and share one copy of
 *   `@azure/functions` inside each bundle, so both register into the same programming model.
 * - `@azure/functions-core` stays out: the Functions worker hands it over through `require` at run time. The banner gives
 *   the CommonJS parts a `require`.
 * - Not minified: a stack trace from Azure names what the source names.
 */
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Aliased, so that an import of the same name in a bundled module does not collide with it. */
const banner = [
  'import { createRequire as __bannerCreateRequire } from "node:module";',
  "const require = __bannerCreateRequire(import.meta.url);",
].join("\n");

/**
 * What CommonJS modules find beside `require`. Replaced where a module does not declare the name itself, as some ES
 * modules do; a declaration in the banner would collide with those.
 */
const define = { __dirname: "import.meta.dirname", __filename: "import.meta.filename" };

/**
 * Bundles each entry into `outdir/<name>.js` with a source map beside it.
 * @param options.entries Name of the bundle to path of its source.
 * @throws BuildFailure of esbuild, with file, line and message of each error.
 */
export async function bundle(options: { entries: Record<string, string>; outdir: string }): Promise<void> {
  // Loaded only when a bundle is made: a host that runs a built app needs no esbuild.
  const esbuild = await import("esbuild");
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: options.entries,
    outdir: options.outdir,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    external: ["@azure/functions-core"],
    banner: { js: banner },
    define,
    sourcemap: "linked",
    // Every host reads the whole map as it loads the bundle; with the sources in it, it is four times as large.
    sourcesContent: false,
    minify: false,
    logLevel: "warning",
  });
}

/** Builds the product: dist/core.js and dist/edge.js. */
export async function build(): Promise<void> {
  await bundle({
    entries: { core: join(root, "functions/core.ts"), edge: join(root, "functions/edge.ts") },
    outdir: join(root, "dist"),
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await build();
