/**
 * `steelyard.yaml`: read, checked for its shape and for what contradicts itself, with file, line and column for every
 * fault. Nothing of a file is trusted: its size, its nesting and what its aliases expand to are bounded.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from "yaml";
import { z } from "zod";
import { pathText, type Fault } from "../config/coherence.ts";
import { configFileSchema, type Config } from "../config/schema.ts";
import { expectation } from "../kernel/parse.ts";
import { faultsIn } from "../standards/facts.ts";
import { BadFile, readText } from "./textFile.ts";

/** 2,000 subscriptions are some 400 kB. */
const FILE_BYTES_MAX = 1_000_000;

/** Aliases that may be resolved in all; the library counts what they would expand to, too. */
const ALIASES_MAX = 100;

export interface ConfigFile {
  /** As it stands in the file: what it leaves out is not in it. */
  readonly input: object;
  /** The version that it says it is based on; undefined when it says none. */
  readonly base: number | undefined;
  /** With everything that it leaves out; its version means nothing. */
  readonly config: Config;
  /** `steelyard.yaml:3:5: ...` */
  readonly warnings: readonly string[];
}

/** @throws BadFile, SteelyardError `BadInput` when it cannot be read */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  return parseConfigFile(file, await readText(file, FILE_BYTES_MAX));
}

/** @throws BadFile */
export function parseConfigFile(file: string, text: string): ConfigFile {
  const lines = new LineCounter();
  const { document, input } = read(file, text, lines);
  const at = (path: readonly PropertyKey[], key?: string): string => {
    const { line, col } = lines.linePos(offsetOf(document, path, key));
    return `${file}:${line}:${col}`;
  };
  if (input === null) throw new BadFile([`${at([])}: found nothing; expected at least subscriptions and standards`]);
  const result = configFileSchema.safeParse(input);
  if (!result.success) throw new BadFile(result.error.issues.flatMap((issue) => told(issue, input, at)));
  const { version: base, ...rest } = result.data;
  const config = { ...rest, version: base ?? 1 };
  const faults = faultsIn(config);
  const line = ({ path, message }: Fault): string => `${at(path)}: ${pathText(path)}: ${message}`;
  const errors = faults.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new BadFile(errors.map(line));
  return { input: input as object, base, config, warnings: faults.map(line) };
}

function read(file: string, text: string, lineCounter: LineCounter): { document: Document; input: unknown } {
  const options = { lineCounter, prettyErrors: false, uniqueKeys: true, strict: true } as const;
  try {
    const document = parseDocument(text, options);
    const faults = [...document.errors, ...document.warnings];
    // The parser calls itself for every level and tells so when it cannot any more, once per level.
    if (faults.some(({ message }) => message.includes("call stack"))) throw new RangeError("nested too deeply");
    if (faults.length > 0) {
      throw new BadFile(
        faults.map(({ code, message, pos: [offset] }) => {
          const { line, col } = lineCounter.linePos(offset);
          return `${file}:${line}:${col}: ${syntax[code] ?? message}`;
        }),
      );
    }
    return { document, input: document.toJS({ maxAliasCount: ALIASES_MAX }) };
  } catch (error) {
    if (error instanceof BadFile) throw error;
    const what =
      error instanceof RangeError
        ? "found lists or maps nested too deeply"
        : error instanceof ReferenceError
          ? `found aliases that cannot be resolved, or expand to too much; expected at most ${ALIASES_MAX}`
          : `found text that cannot be read: ${String(error)}`;
    throw new BadFile([`${file}: ${what}`]);
  }
}

/** In our words where the library's say less. */
const syntax: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "found this key again; expected it once",
  TAB_AS_INDENT: "found a tab; expected spaces",
  MULTIPLE_DOCS: "found another document; expected one",
};

/** Where the value at a path stands, or its key; where it is absent, what should have held it. */
export function offsetOf(document: Document, path: readonly PropertyKey[], key?: string): number {
  let node: Node | null = document.contents;
  let offset = startOf(node);
  for (const part of [...path, ...(key === undefined ? [] : [key])]) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    if (isSeq(node)) {
      node = (node.items[Number(part)] as Node | undefined) ?? null;
    } else if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (pair === undefined) return offset;
      if (key !== undefined && part === key) return startOf(pair.key as Node);
      node = (pair.value as Node | null) ?? (pair.key as Node);
    } else return offset;
    if (node === null) return offset;
    offset = startOf(node);
  }
  return offset;
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

type At = (path: readonly PropertyKey[], key?: string) => string;

function told(issue: z.core.$ZodIssue, input: unknown, at: At): string[] {
  const { path } = issue;
  const where = path.length === 0 ? "" : `${pathText(path)}: `;
  if (issue.code === "unrecognized_keys") {
    const known = membersAt(path);
    const expected = known.length === 0 ? "none of that name" : `one of ${known.join(", ")}`;
    return issue.keys.map((key) => `${at(path, key)}: ${where}found ${key}; expected ${expected}`);
  }
  if (issue.code === "invalid_key") {
    const [inner] = issue.issues;
    return [`${at(path)}: ${where}found the name ${String(path.at(-1))}; ${inner?.message ?? "expected another"}`];
  }
  return [`${at(path)}: ${where}found ${found(input, path)}; ${expectation(issue)}`];
}

const FOUND_CHARACTERS_MAX = 60;

function found(input: unknown, path: readonly PropertyKey[]): string {
  let value = input;
  for (const part of path) {
    value = typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined;
  }
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > FOUND_CHARACTERS_MAX ? `${text.slice(0, FOUND_CHARACTERS_MAX)}...` : text;
}

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly additionalProperties?: Shape | boolean;
}

/** The names that the schema knows at a path; none where anything may stand. */
function membersAt(path: readonly PropertyKey[]): string[] {
  let shape: Shape | undefined = z.toJSONSchema(configFileSchema, { io: "input", unrepresentable: "any" }) as Shape;
  for (const part of path) {
    const more: Shape | boolean | undefined = shape?.additionalProperties;
    shape =
      typeof part === "number"
        ? shape?.items
        : (shape?.properties?.[String(part)] ?? (more === true || more === false ? undefined : more));
  }
  return Object.keys(shape?.properties ?? {});
}
