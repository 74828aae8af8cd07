/** Standards of one's own, from files in the shape of the catalogue; each fault with file, line, column and JSON pointer. */
import { LineCounter, parseDocument, type Document } from "yaml";
import { standardSchema, compileStandard, type StandardDefinition } from "../standards/definition.ts";
import { caseFault } from "../standards/cases.ts";
import type { StandardCase } from "../standards/schema.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { expectation, found } from "../kernel/parse.ts";
import { offsetOf } from "./configFile.ts";
import { jsonFilesAt } from "./givenFiles.ts";
import { readJson } from "../audit/json.ts";
import { BadFile, inFile, readText } from "./textFile.ts";

/** The largest of the catalogue has some 40 kB, cases included. */
const FILE_BYTES_MAX = 5_000_000;

const STANDARDS_MAX = 5_000;

/** @throws BadFile, SteelyardError `BadInput` */
export async function readOwnStandards(path: string): Promise<StandardDefinition[]> {
  const all: StandardDefinition[] = [];
  const faults: string[] = [];
  const seen = new Map<string, string>();
  for (const file of await jsonFilesAt(path)) {
    const text = await readText(file, FILE_BYTES_MAX);
    const input = valueOf(text, file);
    const list = Array.isArray(input) ? (input as unknown[]) : [input];
    const place = placesIn(file, text);
    if (list.length > STANDARDS_MAX) throw tooMany(file, list.length);
    for (const [index, item] of list.entries()) {
      const start = Array.isArray(input) ? [index] : [];
      const read = readStandard(item, (steps) => place([...start, ...steps]));
      if (Array.isArray(read)) {
        faults.push(...read);
        continue;
      }
      const other = seen.get(read.id);
      if (other !== undefined) faults.push(`${place([...start, "id"])}: found ${read.id} again; it is in ${other}`);
      seen.set(read.id, file);
      all.push(read);
    }
  }
  if (faults.length > 0) throw new BadFile(faults);
  if (all.length > STANDARDS_MAX) throw tooMany(path, all.length);
  return all;
}

function tooMany(path: string, count: number): BadFile {
  return new BadFile([`${path}: found ${count} standards; expected at most ${STANDARDS_MAX}`]);
}

function valueOf(text: string, file: string): unknown {
  const [part, ...more] = inFile(() => readJson(text, file));
  if (more.length > 0) throw new BadFile([`${file}:1:1: found JSON on each line; expected one standard, or a list`]);
  return part?.value;
}

/**
 * Tells `file:line:column: /pointer` of a value, or of what should have held it. The text is parsed again for that, once,
 * with the first fault.
 */
function placesIn(file: string, text: string): (steps: readonly PropertyKey[]) => string {
  const lines = new LineCounter();
  let document: Document | undefined;
  return (steps) => {
    document ??= parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: false });
    const { line, col } = lines.linePos(offsetOf(document, steps));
    return `${file}:${line}:${col}: /${steps.map(String).join("/")}`;
  };
}

const anyParameter = { type: "string", description: "any", default: "" } as const;

/** The standard, or a line for each of its faults. */
function readStandard(input: unknown, at: (steps: readonly PropertyKey[]) => string): StandardDefinition | string[] {
  const result = standardSchema.safeParse(input);
  if (!result.success) {
    return result.error.issues.map((issue) => {
      if (issue.code === "unrecognized_keys")
        return `${at(issue.path)}: found ${issue.keys.join(", ")}; expected no such name`;
      return `${at(issue.path)}: found ${found(input, issue.path)}; ${expectation(issue)}`;
    });
  }
  try {
    // The values of its parameters are given elsewhere, and rules are compiled without them.
    const parameters = Object.fromEntries(Object.keys(result.data.parameters).map((name) => [name, anyParameter]));
    compileStandard({ ...result.data, parameters });
    const faults = result.data.cases.flatMap((sample, index) => {
      const fault = faultOf(result.data, sample);
      return fault === undefined ? [] : [`${at(["cases", index])}: "${sample.name}": ${fault}`];
    });
    return faults.length === 0 ? result.data : faults;
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    const [, pointer, rest] = /policy rule at (\/\S*): ([^]*)$/.exec(error.message) ?? [];
    if (pointer === undefined || rest === undefined) return [`${at([])}: ${error.message}`];
    return [`${at(pointer.split("/").slice(1))}: ${rest}`];
  }
}

/** What a sample of the file's own says otherwise, or why it cannot be judged. */
function faultOf(definition: StandardDefinition, sample: StandardCase): string | undefined {
  try {
    return caseFault(definition, sample);
  } catch (error) {
    if (error instanceof SteelyardError) return error.message;
    throw error;
  }
}
