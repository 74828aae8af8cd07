/** Dead letters: all that wait, one of them, and what its form does. */
import { z } from "zod";
import { toIso } from "../../../shared/kernel/clock.ts";
import { parse } from "../../../shared/kernel/parse.ts";
import type { StoredDocument } from "../../../shared/ports/store.ts";
import {
  brokerLetters,
  dismissLetter,
  letterOf,
  readLetter,
  redriveLetter,
} from "../../../shared/reconcile/deadLetters.ts";
import { Declined } from "../../../shared/reconcile/desk.ts";
import { deadLetterPartition } from "../../../shared/reconcile/intake.ts";
import { deadLetterPage, deadLettersPage, letterPath } from "../../../shared/view/deadLetterPages.ts";
import { paths } from "../../../shared/view/paths.ts";
import { may, mayNot, roleWord } from "../../../shared/view/person.ts";
import { edge } from "../../edgeContext.ts";
import { prose } from "../api.ts";
import { badgeOf } from "./badge.ts";
import { action, page, type Shown, type Visit } from "./page.ts";
import { afterOf, nextPage, PAGE_ROWS, reading, staleBanner } from "./readings.ts";

/** Dead letters of the broker on the first page, beside those of the store. */
const BROKER_ROWS = 50;

page("consoleDeadLetters", "console/deadletters", async ({ viewer, query, nowMs }) => {
  const after = afterOf(query);
  const read = await reading(`deadletters ${after ?? ""}`, nowMs, async () => {
    const [stored, broker] = await Promise.all([
      edge.store.query<StoredDocument>({
        container: "state",
        pk: deadLetterPartition,
        kinds: ["deadLetter"],
        orderBy: { path: "at" },
        pageSize: PAGE_ROWS,
        ...(after === null ? {} : { continuation: after }),
      }),
      after === null ? brokerLetters(edge, BROKER_ROWS) : { letters: [], unread: [] },
    ]);
    return { stored, broker };
  });
  const { stored, broker } = read.value;
  const readable = stored.items.map(letterOf).filter((letter) => letter !== undefined);
  const corrupt = stored.items.length - readable.length;
  const rows = { items: readable, continuation: stored.continuation ?? null, corrupt };
  return {
    title: "Dead letters",
    current: "deadLetters",
    live: true,
    waiting: await badgeOf(viewer, nowMs),
    readAt: read.readAt,
    isStale: read.isStale,
    main: deadLettersPage({
      letters: [...broker.letters, ...readable],
      next: nextPage(paths.deadLetters, rows),
      isFirst: after === null,
      unread: broker.unread,
      stale: staleBanner(read, nowMs, corrupt),
      nowMs,
    }),
  };
});

const roles = ["Steelyard.Operator", "Steelyard.Admin"] as const;
const doneSchema = z.enum(["redriven", "dismissed"]).nullable().catch(null);

page("consoleDeadLetter", "console/deadletters/{id}", (visit) => shown(visit, null));

async function shown({ viewer, params, query, nowMs }: Visit, fault: string | null): Promise<Shown> {
  const id = params["id"] ?? "";
  const done = parse(doneSchema, query.get("done"), "query at done");
  return {
    title: "Dead letter",
    current: "deadLetters",
    waiting: await badgeOf(viewer, nowMs),
    readAt: toIso(nowMs),
    ...(fault === null ? {} : { status: 409 }),
    main: deadLetterPage({
      letter: await readLetter(edge, id),
      permission: roles.some((role) => viewer.roles.has(role))
        ? may
        : mayNot(`You are signed in as ${roleWord(viewer)}. This takes the role ${roles.join(" or ")}.`),
      viewer,
      fault,
      done: fault === null ? done : null,
      nowMs,
    }),
  };
}

const formSchema = z.strictObject({ csrf: z.string(), what: z.enum(["redrive", "dismiss"]), reason: prose(1_000) });

action("consoleDeadLetterSettled", "console/deadletters/{id}/settle", roles, async (sending) => {
  const letter = sending.params["id"] ?? "";
  const { what, reason } = parse(formSchema, Object.fromEntries(sending.form), "form");
  const request = { letter, by: sending.viewer.oid, reason: reason === "" ? null : reason };
  try {
    const settled = await (what === "redrive" ? redriveLetter : dismissLetter)(edge, request);
    // What lay with the broker is gone from there: there is no page of it any more.
    return {
      to: settled.from === "broker" ? paths.deadLetters : `${letterPath(letter)}?done=${settled.settled?.what}`,
    };
  } catch (error) {
    if (!(error instanceof Declined) || error.reason !== "conflict") throw error;
    return shown(sending, `Not done: ${error.message}.`);
  }
});
