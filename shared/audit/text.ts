/** Verdicts for people in a terminal: what failed and what has no verdict, by resource, and counts. */
import { fateWord } from "../config/fates.ts";
import type { Json } from "../kernel/canonicalJson.ts";
import { NOT_IN_FILE } from "./sights.ts";
import type { Lack } from "./used.ts";
import { countsOf, type Plan, type Verdict } from "./verdict.ts";

/** Resources that are told one by one. */
const RESOURCES_MAX = 200;

/** Reasons for which there is no verdict that are told of one resource. */
const REASONS_MAX = 20;

export interface TextOptions {
  readonly isColoured: boolean;
  /** Of standards and policies, by ID. */
  readonly titles: ReadonlyMap<string, string>;
  /** Of standards with parameters that have no value: told once, not of each resource. */
  readonly lacks: ReadonlyMap<string, Lack>;
}

const colours = { red: 31, yellow: 33, green: 32, bold: 1, dim: 2 } as const;

type Paint = (colour: keyof typeof colours, text: string) => string;

export function textOf(verdicts: readonly Verdict[], { isColoured, titles, lacks }: TextOptions): string {
  const paint: Paint = (colour, text) => (isColoured ? `\u001b[${colours[colour]}m${text}\u001b[0m` : text);
  const isLacking = ({ standard, reason }: Verdict): boolean => lacks.get(standard)?.reason === reason;
  const groups = [...Map.groupBy(verdicts, ({ resource }) => resource)];
  const told = groups
    .map(([resource, all]) => [resource, all.filter((one) => !isLacking(one))] as const)
    .filter(([, all]) => all.some(({ verdict }) => verdict === "fail" || verdict === "unknown"));
  const lacking = new Set(verdicts.filter(isLacking).map(({ standard }) => standard));
  const blocks = told.slice(0, RESOURCES_MAX).map(([resource, all]) => blockOf(resource, all, titles, paint));
  const more = told.length - blocks.length;
  const rest = more > 0 ? [`and ${more} more resources; --json tells all of them`] : [];
  return `${[...blocks, ...rest, ...lackText(lacking, lacks), summaryOf(verdicts, groups.length, paint)].join("\n\n")}\n`;
}

function blockOf(resource: string, all: readonly Verdict[], titles: ReadonlyMap<string, string>, paint: Paint): string {
  const failed = all.filter(({ verdict }) => verdict === "fail");
  const width = Math.max(...all.map(({ standard }) => standard.length));
  const lines = failed.flatMap(({ standard, reason, remedy, plan }) => [
    `  ${paint("red", "fail")}     ${standard.padEnd(width)}  ${plain(titles.get(standard) ?? reason)}`,
    ...(titles.has(standard) ? [`           ${" ".repeat(width)}  ${plain(reason)}`] : []),
    ...(plan === undefined
      ? remedy?.unmet == null
        ? []
        : [`           ${" ".repeat(width)}  ${paint("dim", plain(remedy.unmet))}`]
      : planLines(plan, `           ${" ".repeat(width)}  `, paint)),
  ]);
  const unclear = unclearOf(all)
    .slice(0, REASONS_MAX)
    .map((line) => `  ${paint("yellow", "unknown")}  ${plain(line)}`);
  return [paint("bold", plain(resource)), ...lines, ...unclear].join("\n");
}

const ABSENT = ` could not be read: ${NOT_IN_FILE}.`;

/** Why there is no verdict, each reason with whom it concerns; lists of which the file holds nothing in one line. */
function unclearOf(all: readonly Verdict[]): string[] {
  const unknown = all.filter(({ verdict }) => verdict === "unknown");
  const reasons = [...Map.groupBy(unknown, ({ reason }) => reason)];
  const told = reasons.filter(([reason]) => !reason.endsWith(ABSENT));
  const absent = reasons.filter(([reason]) => reason.endsWith(ABSENT));
  const lines = told.map(([reason, some]) => `${reason} ${namesOf(some)}`);
  if (absent.length === 0) return lines;
  const lists = absent.map(([reason, some]) => {
    const name = reason.slice(0, -ABSENT.length);
    return `${name.charAt(0).toLowerCase()}${name.slice(1)} ${namesOf(some)}`;
  });
  return [...lines, `Not in the file: ${lists.join(", ")}`];
}

function lackText(lacking: ReadonlySet<string>, lacks: ReadonlyMap<string, Lack>): string[] {
  if (lacking.size === 0) return [];
  const names = [...lacking].map((id) => [id, ...(lacks.get(id)?.names ?? [])].join(" "));
  const many = lacking.size === 1 ? "1 standard has" : `${lacking.size} standards have`;
  return [
    `${many} no verdict for want of parameters (${names.join(", ")}).\n` +
      "Give them values in steelyard.yaml (--config) or in a file (--parameters).",
  ];
}

function namesOf(some: readonly Verdict[]): string {
  const names = some.map(({ standard }) => standard);
  return `(${names.slice(0, 12).join(", ")}${names.length > 12 ? ` and ${names.length - 12} more` : ""})`;
}

function planLines({ will, because, request, changes }: Plan, indent: string, paint: Paint): string[] {
  const fields = changes.map(({ path, before, after }) => `${path}: ${valueOf(before)} -> ${valueOf(after)}`);
  const by = request === null ? "" : `, by ${request.method} ${request.target}`;
  return [`${fateWord(will === "none" ? "report" : will)}${by}`, ...fields, ...because].map(
    (line) => `${indent}${paint("dim", plain(line))}`,
  );
}

function valueOf(value: Json): string {
  return value === null ? "(nothing)" : JSON.stringify(value);
}

function summaryOf(verdicts: readonly Verdict[], resources: number, paint: Paint): string {
  const { fail, unknown, pass, notApplicable } = countsOf(verdicts);
  const parts = [
    paint(fail > 0 ? "red" : "green", `${fail} failed`),
    unknown > 0 ? paint("yellow", `${unknown} unknown`) : "0 unknown",
    `${pass} passed`,
    `${notApplicable} not applicable`,
  ];
  return `${parts.join(", ")}, on ${resources} resource${resources === 1 ? "" : "s"}`;
}

/** What files and Azure hold goes to a terminal: nothing in it may move the cursor or hide what follows. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, " ");
}
