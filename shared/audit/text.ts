/** Verdicts for people in a terminal: what failed and what has no verdict, by resource, and counts. */
import { countsOf, type Plan, type Verdict } from "./verdict.ts";

/** Resources that are told one by one. */
const RESOURCES_MAX = 200;

/** Reasons for which there is no verdict that are told of one resource. */
const REASONS_MAX = 20;

export interface TextOptions {
  readonly isColoured: boolean;
  /** Of standards and policies, by ID. */
  readonly titles: ReadonlyMap<string, string>;
}

const colours = { red: 31, yellow: 33, green: 32, bold: 1, dim: 2 } as const;

type Paint = (colour: keyof typeof colours, text: string) => string;

export function textOf(verdicts: readonly Verdict[], { isColoured, titles }: TextOptions): string {
  const paint: Paint = (colour, text) => (isColoured ? `\u001b[${colours[colour]}m${text}\u001b[0m` : text);
  const groups = [...Map.groupBy(verdicts, ({ resource }) => resource)];
  const told = groups.filter(([, all]) => all.some(({ verdict }) => verdict === "fail" || verdict === "unknown"));
  const blocks = told.slice(0, RESOURCES_MAX).map(([resource, all]) => blockOf(resource, all, titles, paint));
  const more = told.length - blocks.length;
  const rest = more > 0 ? [`and ${more} more resources; --json tells all of them`] : [];
  return `${[...blocks, ...rest, summaryOf(verdicts, groups.length, paint)].join("\n\n")}\n`;
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
  const unknown = [
    ...Map.groupBy(
      all.filter(({ verdict }) => verdict === "unknown"),
      ({ reason }) => reason,
    ),
  ];
  const unclear = unknown
    .slice(0, REASONS_MAX)
    .map(([reason, some]) => `  ${paint("yellow", "unknown")}  ${plain(reason)} ${namesOf(some)}`);
  return [paint("bold", plain(resource)), ...lines, ...unclear].join("\n");
}

function namesOf(some: readonly Verdict[]): string {
  const names = some.map(({ standard }) => standard);
  return `(${names.slice(0, 12).join(", ")}${names.length > 12 ? ` and ${names.length - 12} more` : ""})`;
}

const wills = { write: "would be written unasked", ask: "people would be asked first", none: "nothing would be done" };

function planLines({ will, because, request, changes }: Plan, indent: string, paint: Paint): string[] {
  const fields = changes.map(
    ({ path, before, after }) => `${path}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`,
  );
  const by = request === null ? "" : `, by ${request.method} ${request.target}`;
  return [`${wills[will]}${by}`, ...fields, ...because].map((line) => `${indent}${paint("dim", plain(line))}`);
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
