/** https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-date */
import { Failed, type Maybe } from "../json.ts";
import { wantText, wantWhole, type TemplateFunction } from "./types.ts";

function instant(value: Maybe): number {
  const text = wantText(value);
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/i.test(text) || !/[T ]/.test(text);
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(hasZone ? text : `${text}Z`) : Number.NaN;
  if (Number.isNaN(at)) throw new Failed(`found "${text}"; expected a time by ISO 8601`);
  return at;
}

/** yyyy-MM-ddTHH:mm:ss.FFFFFFFZ, the form in which the policy functions take times. */
export function universal(atMs: number): string {
  return new Date(atMs).toISOString().replace(".000Z", "Z");
}

const DURATION = /^([+-]?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** Of formats, only the page's default: that of the base value. */
function dateTimeAdd(base: Maybe, duration: Maybe): string {
  const text = wantText(duration);
  const found = DURATION.exec(text);
  if (found === null) throw new Failed(`dateTimeAdd: found "${text}"; expected a duration by ISO 8601`);
  const sign = found[1] === "-" ? -1 : 1;
  const [years, months, weeks, days, hours, minutes, seconds] = found.slice(2).map((text) => sign * Number(text ?? 0));
  const at = new Date(instant(base));
  at.setUTCFullYear(at.getUTCFullYear() + (years ?? 0), at.getUTCMonth() + (months ?? 0));
  const dayCount = (weeks ?? 0) * 7 + (days ?? 0);
  const secondCount = ((dayCount * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
  return new Date(at.getTime() + secondCount * 1000).toISOString().replace(".000Z", "Z");
}

export const timeFunctions: Readonly<Record<string, TemplateFunction>> = {
  dateTimeAdd,
  dateTimeToEpoch: (time) => Math.floor(instant(time) / 1000),
  dateTimeFromEpoch: (seconds) => new Date(wantWhole(seconds) * 1000).toISOString().replace(".000Z", "Z"),
  addDays: (time, days) => universal(instant(time) + wantWhole(days) * 86_400_000),
};
