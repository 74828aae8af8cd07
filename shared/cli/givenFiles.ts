/** Files and folders that a command is given: found, read within bounds, or told by name what is wrong with them. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { readJson, type Part } from "../audit/json.ts";
import { kindOf } from "../standards/policy/refusal.ts";
import { isObject, type JsonObject } from "../standards/policy/values.ts";
import { BadFile, inFile, readText } from "./textFile.ts";

/** Files of one folder, those below it among them. */
const FILES_MAX = 5_000;

/** JSON files at a path: itself, or all `.json` below a folder, in the order of their names. @throws SteelyardError `BadInput` */
export async function jsonFilesAt(path: string): Promise<string[]> {
  if (!(await isFolder(path))) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.jsonc?$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (files.length === 0) throw new BadFile([`${path}: found no .json file; expected at least one`]);
  if (files.length > FILES_MAX)
    throw new BadFile([`${path}: found ${files.length} files; expected at most ${FILES_MAX}`]);
  return files;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Reading it says better what is wrong with it.
    return false;
  }
}

/** A file, or what comes on stdin for `-`. @throws SteelyardError `BadInput` */
async function readGiven(file: string, bytesMax: number): Promise<string> {
  if (file !== "-") return readText(file, bytesMax);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > bytesMax) throw new BadFile([`stdin: found more than ${bytesMax} bytes; expected at most so many`]);
    chunks.push(bytes);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new BadFile(["stdin: found bytes that are not UTF-8; expected text"]);
  }
}

/** The JSON values of a file. @throws BadFile with file, line and column */
export async function readParts(file: string, bytesMax: number): Promise<Part[]> {
  const text = await readGiven(file, bytesMax);
  return inFile(() => readJson(text, file === "-" ? "stdin" : file));
}

/** Values of parameters: of thousands of standards and policies. */
const OBJECT_BYTES_MAX = 5_000_000;

/** The one object in a JSON file; empty without a file. @throws BadFile */
export async function objectIn(file: string | undefined): Promise<JsonObject> {
  if (file === undefined) return {};
  const [part, ...more] = await readParts(file, OBJECT_BYTES_MAX);
  if (more.length === 0 && isObject(part?.value)) return part.value;
  const found = more.length > 0 ? "JSON on each line" : kindOf(part?.value);
  throw new BadFile([`${file}:1:1: found ${found}; expected an object`]);
}
