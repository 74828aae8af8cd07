/** Runs parts of the simulator in processes of their own, so that both cores are used. */
import { execFile } from "node:child_process";
import { join } from "node:path";

/** Output of a child: a few hundred bytes for a seed or a mutant. */
const OUTPUT_BYTES_MAX = 64 * 2 ** 20;

/** A run makes much that is soon garbage: with room for more of it (MB), less of it is copied. */
const flags = ["--max-semi-space-size=64"];

/** Runs a script of this folder with this Node; answers its JSON lines. What it says on stderr is in the error. */
export function jsonLines<T>(script: string, parameters: readonly string[]): Promise<T[]> {
  const path = join(import.meta.dirname, script);
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [...flags, path, ...parameters],
      { maxBuffer: OUTPUT_BYTES_MAX, env: { ...process.env, NODE_NO_WARNINGS: "1" } },
      (error, stdout, stderr) => {
        // A child that found something ends with 1 and has told it on stdout as well.
        if (error !== null && error.code !== 1) reject(new Error(`${script}: ${stderr}`, { cause: error }));
        else if (stdout === "") reject(new Error(`${script} said nothing: ${stderr}`));
        else
          resolve(
            stdout
              .trim()
              .split("\n")
              .map((line) => JSON.parse(line) as T),
          );
      },
    );
  });
}
