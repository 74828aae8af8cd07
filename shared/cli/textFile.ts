/** Files that people hand to a command: their size and encoding are checked before anything is read out of them. */
import { readFile, stat, writeFile } from "node:fs/promises";
import { SteelyardError } from "../kernel/errors.ts";

/** Faults that are told at a time. */
const FAULTS_TOLD_MAX = 20;

/** The file is not what the command takes; the message has a line for each fault, beginning with file and line. */
export class BadFile extends SteelyardError {
  constructor(lines: readonly string[]) {
    const more = lines.length - FAULTS_TOLD_MAX;
    const sorted = [...lines].sort(new Intl.Collator("en", { numeric: true }).compare);
    super("BadInput", [...sorted.slice(0, FAULTS_TOLD_MAX), ...(more > 0 ? [`and ${more} more`] : [])].join("\n"));
    this.name = "BadFile";
  }
}

/** @throws BadFile when it is larger or no text; SteelyardError `BadInput` when it cannot be read */
export async function readText(file: string, bytesMax: number): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > bytesMax) throw new BadFile([`${file}: found ${size} bytes; expected at most ${bytesMax}`]);
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
  } catch (error) {
    if (error instanceof BadFile) throw error;
    if (error instanceof TypeError) throw new BadFile([`${file}: found bytes that are not UTF-8; expected text`]);
    const { code = "unreadable" } = error as { code?: string };
    const message = `${file}: ${code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`}`;
    throw new SteelyardError("BadInput", message, { cause: error });
  }
}

/** @throws SteelyardError `BadInput` when it cannot be written */
export async function writeText(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    const { code = "unwritable" } = error as { code?: string };
    throw new SteelyardError("BadInput", `${file}: it cannot be written (${code})`, { cause: error });
  }
}

/** Faults of what a file holds begin with the file, as editors and CI read them. @throws BadFile in place of other faults */
export function inFile<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SteelyardError && !(error instanceof BadFile)) throw new BadFile(error.message.split("\n"));
    throw error;
  }
}
