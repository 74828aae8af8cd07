/** `npm start`: the whole product on this machine. */
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Before anything else is loaded: modules are compiled, and their types stripped, once for all starts and not once for
// each process. The hosts inherit it (settings.ts).
const folder = (process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "node-compile-cache"));
enableCompileCache(folder);

const { start } = await import("./run.ts");
await start();
