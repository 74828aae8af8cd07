/** The remedy gate: every standard of the catalogue in every column, on drawn resources. */
import { hashOf } from "../../shared/kernel/canonicalJson.ts";
import { parse } from "../../shared/kernel/parse.ts";
import { definitions } from "../../shared/standards/catalogue.ts";
import { standardSchema, type StandardCase, type StandardDefinition } from "../../shared/standards/schema.ts";
import { Random } from "../sim/random.ts";
import { columns, type Column } from "./columns/index.ts";
import { Impossible, Source, type Drawn } from "./draw.ts";
import { smallest } from "./shrink.ts";
import type { Outcome } from "./verdict.ts";

/** A cell whose resources mostly keep the standard tries nothing. */
export const BROKEN_SHARE_MIN = 0.5;

/** Of fewer resources the share says nothing. */
const SHARE_RESOURCES_MIN = 20;

/** Draws that Azure would not hold before it is said that none can be had. */
const DRAWS_MAX = 40;

export interface Failure {
  /** Shows it again: `--standard`, `--column`, `--resource`. */
  readonly resource: number;
  readonly problem: string;
  /** As small as it still fails. */
  readonly sample: StandardCase;
}

export interface Cell {
  readonly standard: string;
  readonly column: number;
  readonly resources: number;
  /** Broke the standard when they were drawn; had a remedy that fitted. */
  readonly broken: number;
  readonly fixable: number;
  readonly failures: number;
  /** Outcomes in which the promise holds in another way, by what is said of them. */
  readonly notes: Readonly<Record<string, number>>;
  /** What the column means for this standard: its title, or what it means without a remedy. */
  readonly meaning: string;
  /** Why the cell does not count though no resource failed. */
  readonly emptyBecause: string | undefined;
  readonly first: Failure | undefined;
}

export interface MatrixOptions {
  readonly seed: number;
  readonly resources: number;
  readonly standards?: readonly string[];
  readonly columns?: readonly number[];
  /** Only this one. */
  readonly resource?: number;
  /** A cell ends with its first failure, however large the resource is that shows it. */
  readonly untilFailure?: boolean;
  readonly onCell?: (cell: Cell) => void;
}

let parsed: readonly StandardDefinition[] | undefined;

/** All of the catalogue. */
export function gatedStandards(): readonly StandardDefinition[] {
  parsed ??= definitions.map((item) => parse(standardSchema, item, `standard ${item.id}`));
  return parsed;
}

const known = new Map<string, Source>();

function sourceOf(definition: StandardDefinition): Source {
  const source = known.get(definition.id) ?? new Source(definition);
  known.set(definition.id, source);
  return source;
}

/** The cells of the matrix, standard by standard. */
export async function matrix(options: MatrixOptions): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const definition of gatedStandards()) {
    if (options.standards?.includes(definition.id) === false) continue;
    const source = sourceOf(definition);
    for (const column of columns) {
      if (options.columns?.includes(column.number) === false) continue;
      const cell = await cellOf(source, column, options);
      cells.push(cell);
      options.onCell?.(cell);
    }
  }
  return cells;
}

async function cellOf(source: Source, column: Column, options: MatrixOptions): Promise<Cell> {
  const { definition } = source;
  const sum = { resources: 0, broken: 0, fixable: 0, failures: 0 };
  const notes: Record<string, number> = {};
  let first: Failure | undefined;
  let nothing: string | undefined;
  const from = options.resource ?? 0;
  for (let resource = from; resource < (options.resource === undefined ? options.resources : from + 1); resource += 1) {
    const { outcome, drawn, random } = await tried(source, column, options.seed, resource);
    sum.resources += 1;
    sum.broken += Number(outcome.isBroken);
    sum.fixable += Number(outcome.isFixable);
    if (outcome.note !== undefined) notes[outcome.note] = (notes[outcome.note] ?? 0) + 1;
    // Where nothing can be drawn, nothing can be: the others would be no other.
    if (drawn === undefined) {
      nothing = outcome.problem;
      break;
    }
    if (outcome.problem === undefined) continue;
    sum.failures += 1;
    first ??= {
      resource,
      problem: outcome.problem,
      sample:
        options.untilFailure === true
          ? drawn.sample
          : await smallest(drawn, (smaller) => problemOf(column, smaller, random(), source)),
    };
    if (options.untilFailure === true) break;
  }
  const hasRemedy = definition.remedy !== undefined && definition.remedy.safety !== "X";
  const meaning = hasRemedy ? column.title : column.without;
  const cell = { standard: definition.id, column: column.number, ...sum, notes, meaning, first };
  const isOne = options.resource !== undefined;
  return { ...cell, emptyBecause: nothing ?? (isOne ? undefined : emptyBecause(cell, hasRemedy, column)) };
}

/** Why a cell shows nothing: too little of what was drawn broke the standard, or had a remedy that fitted. */
function emptyBecause(
  cell: Pick<Cell, "resources" | "broken" | "fixable">,
  hasRemedy: boolean,
  { fixableMin = BROKEN_SHARE_MIN }: Column,
): string | undefined {
  const { resources, broken, fixable } = cell;
  if (resources === 0) return "nothing was drawn";
  if (resources < SHARE_RESOURCES_MIN) return undefined;
  if (broken < resources * BROKEN_SHARE_MIN) return `only ${broken} of ${resources} resources break the standard`;
  if (hasRemedy && fixable < resources * fixableMin) return `the remedy fits only ${fixable} of ${resources} resources`;
  return undefined;
}

interface Tried {
  readonly outcome: Outcome;
  /** Undefined when nothing could be drawn. */
  readonly drawn: Drawn | undefined;
  /** The chance that the column took, from its beginning. */
  readonly random: () => Random;
}

/** One resource in one column; what it is depends on the seed, the standard, the column and its number alone. */
async function tried(source: Source, column: Column, seed: number, resource: number): Promise<Tried> {
  const { definition } = source;
  let why = "";
  for (let draw = 0; draw < DRAWS_MAX; draw += 1) {
    const own = Number.parseInt(hashOf([seed, definition.id, column.number, resource, draw]).slice(0, 8), 16);
    const random = (): Random => new Random(own + 1);
    const drawing = new Random(own);
    const drawn = source.draw(drawing, column.wanted(drawing, source));
    try {
      return { outcome: await column.run(drawn, random(), source), drawn, random };
    } catch (error) {
      if (error instanceof Impossible) {
        why = error.message;
        continue;
      }
      const problem = thrown(error);
      return { outcome: { isBroken: false, isFixable: false, problem }, drawn, random };
    }
  }
  const problem = `none of ${DRAWS_MAX} draws was one that Azure would hold; of the last one: ${why}`;
  return { outcome: { isBroken: false, isFixable: false, problem }, drawn: undefined, random: () => new Random(seed) };
}

/** What is wrong with a resource in a column; undefined when nothing is, or when it cannot be. */
async function problemOf(column: Column, drawn: Drawn, random: Random, source: Source): Promise<string | undefined> {
  try {
    return (await column.run(drawn, random, source)).problem;
  } catch (error) {
    return error instanceof Impossible ? undefined : thrown(error);
  }
}

/** Nothing may throw: where it did says more than what. */
function thrown(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.split("\n").slice(0, 5).join("\n");
}
