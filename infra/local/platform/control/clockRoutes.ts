import { z } from "zod";
import { ClockError, type ClockAnswer } from "../clockControl.ts";
import { durationText, parseDuration, signedDurationText } from "../duration.ts";
import type { WaitingOn } from "../engine.ts";
import type { Platform } from "../platform.ts";
import { Refusal, route, type Route } from "./route.ts";

const instant = z.iso
  .datetime({ offset: true, error: "expected a date and time in ISO 8601, such as 2026-11-20T08:00:00Z" })
  .meta({ description: "ISO 8601 date and time" });

const modeSchema = z.enum(["real", "manual"]);

const clockSchema = z
  .strictObject({
    mode: modeSchema.optional(),
    set: instant.optional().meta({ description: "jump forwards to this moment" }),
    advance: durationText.optional().meta({ description: "run every occurrence of this time in due order" }),
    jump: durationText
      .optional()
      .meta({ description: "an outage of this length: each timer function runs once, past due" }),
    skew: z
      .record(
        z.string().regex(/^(host|edge|core(-\d+)?)$/, { error: "expected host, edge, core or core-N" }),
        signedDurationText,
      )
      .optional()
      .meta({ description: "deviation of the clocks of hosts; replaces the deviations given before" }),
  })
  .refine(({ set, advance, jump }) => [set, advance, jump].filter((one) => one !== undefined).length <= 1, {
    error: "expected at most one of set, advance and jump",
  });

const itemSchema = z.strictObject({ kind: z.string(), id: z.string(), since: z.string(), due: z.string().optional() });

const clockAnswer = z.object({ now: z.string(), mode: modeSchema });

/** How many of the items that wait are shown. */
const NEXT_SHOWN = 20;

export function clockRoutes(platform: Platform): Route[] {
  return [
    route({
      method: "GET",
      path: "clock",
      summary: "Business time, and what falls due next",
      responses: {
        200: {
          description: "the clock",
          schema: clockAnswer.extend({
            skew: z.record(z.string(), z.string()),
            next: z.array(z.object({ kind: z.string(), id: z.string(), due: z.string() })),
          }),
        },
      },
      handle: () => ({ status: 200, body: describeClock(platform) }),
    }),
    route({
      method: "POST",
      path: "clock",
      summary: "Change the mode, move business time, skew hosts",
      body: clockSchema,
      responses: {
        200: {
          description: "where business time has come to and how many occurrences ran",
          schema: clockAnswer.extend({
            ranTo: z.string(),
            fired: z.int().meta({ description: "occurrences of timer functions and everything else that fell due" }),
            occurrences: z
              .record(z.string(), z.int())
              .meta({ description: "of these, occurrences of each timer function, by app/name" }),
          }),
        },
        503: { description: "work did not end; business time has stopped on the way" },
      },
      handle: async ({ body }) => ({ status: 200, body: await move(platform, body) }),
    }),
    route({
      method: "POST",
      path: "settle",
      summary: "Wait for everything caused by what was accepted before this call",
      body: z.strictObject({
        within: durationText
          .optional()
          .meta({ description: "also what falls due in this time; a standing clock is moved through it" }),
        timeoutS: z.number().min(0).max(600).default(30),
      }),
      responses: {
        200: {
          description: "whether all has settled, and if not, what is still waited for",
          schema: z.object({ settled: z.boolean(), waitingOn: z.array(itemSchema) }),
        },
      },
      handle: async ({ body }) => {
        const left = await refusing(() =>
          platform.settle({
            withinMs: body.within === undefined ? undefined : parseDuration(body.within),
            timeoutMs: body.timeoutS * 1000,
          }),
        );
        return { status: 200, body: { settled: left.length === 0, waitingOn: left.map(describeItem) } };
      },
    }),
  ];
}

async function move(platform: Platform, body: z.output<typeof clockSchema>): Promise<object> {
  const skew = body.skew === undefined ? undefined : Object.entries(body.skew);
  const answer = await refusing(() =>
    platform.moveClock({
      mode: body.mode,
      setMs: body.set === undefined ? undefined : Date.parse(body.set),
      advanceMs: body.advance === undefined ? undefined : parseDuration(body.advance),
      jumpMs: body.jump === undefined ? undefined : parseDuration(body.jump),
      skewMs:
        skew === undefined
          ? undefined
          : Object.fromEntries(skew.map(([host, text]) => [host, parseDuration(text) ?? 0])),
    }),
  );
  return describeMove(answer);
}

function describeMove({ mode, nowMs, fired, occurrences }: ClockAnswer): object {
  const now = iso(nowMs);
  return { now, mode, ranTo: now, fired, occurrences };
}

function describeClock(platform: Platform): object {
  const { clock, control } = platform;
  return {
    now: iso(clock.now()),
    mode: clock.mode,
    skew: Object.fromEntries(Object.entries(control.skewMs).map(([host, ms]) => [host, durationOf(ms)])),
    next: clock
      .items()
      .slice(0, NEXT_SHOWN)
      .map(({ kind, id, dueMs }) => ({ kind, id, due: iso(dueMs) })),
  };
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ClockError)) throw error;
    const details = error.waitingOn.length === 0 ? undefined : error.waitingOn.slice(0, 100).map(describeItem);
    throw new Refusal(error.code === "NotQuiet" ? 503 : 400, error.code, error.message, details);
  }
}

function describeItem({ kind, id, sinceMs, dueMs }: WaitingOn): object {
  return { kind, id, since: iso(sinceMs), ...(dueMs === undefined ? {} : { due: iso(dueMs) }) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function durationOf(ms: number): string {
  return `${ms < 0 ? "-" : ""}PT${Math.abs(ms) / 1000}S`;
}
