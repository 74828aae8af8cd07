/** Loads the built app as the Functions worker does: inject, import, appStart hooks, end of registration, capabilities. */
import { pathToFileURL } from "node:url";
import type { FunctionsCore } from "./core.ts";

/**
 * Imports `appFile` into this process and leaves its functions in `core`.
 * @throws Error that names the cause: the file does not load, registers nothing, runs in the library's "test mode", asks
 *   for HTTP streaming.
 */
export async function loadApp(core: FunctionsCore, appFile: string): Promise<void> {
  core.inject();
  try {
    await import(pathToFileURL(appFile).href);
  } catch (error) {
    throw new Error(`the app file ${appFile} did not load`, { cause: error });
  }
  assertRegistered(core, appFile);
  const context = { hookData: core.appHookData, appHookData: core.appHookData };
  for (const hook of core.hooks("appStart")) await hook(context);
  core.freeze();
  const capabilities = (await core.model.getCapabilities?.({})) ?? {};
  if (capabilities["HttpUri"] !== undefined) {
    throw new Error("app.setup({ enableHttpStream: true }) is not implemented by the local host");
  }
}

function assertRegistered(core: FunctionsCore, appFile: string): void {
  if (core.functions.size > 0) return;
  if (core.requested) throw new Error(`the app file ${appFile} registers no function`);
  throw new Error(
    `the app file ${appFile} registers no function: it never asked for @azure/functions-core, so @azure/functions is ` +
      'absent or in "test mode", where it skips every registration. A bundle has to leave @azure/functions-core external ' +
      "and give its CommonJS parts a require made by createRequire (see infra/build.ts)",
  );
}
