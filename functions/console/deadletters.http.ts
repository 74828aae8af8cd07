/** Messages that could not be read or were delivered too often: what they are, and what people have done with them. */
import type { HttpResponseInit } from "@azure/functions";
import { z } from "zod";
import { appRoles } from "../../shared/ports/tokens.ts";
import {
  brokerLetters,
  dismissLetter,
  letterOf,
  redriveLetter,
  type Letter,
} from "../../shared/reconcile/deadLetters.ts";
import { edge } from "../edgeContext.ts";
import { prose, route, type Call } from "./api.ts";
import { list } from "./lists.ts";

/**
 * Those that wait, oldest first: on the first page the ones that lie with the broker as well. `unread` names queues whose
 * dead letters could not be read.
 */
route("deadletters", { method: "GET", route: "deadletters", roles: appRoles }, async ({ query }) => {
  const isFirst = !query.has("continuation");
  const [{ value, continuation }, broker] = await Promise.all([
    list(query, { kinds: ["deadLetter"], orderBy: { path: "at" } }),
    isFirst ? brokerLetters(edge) : { letters: [], unread: [] },
  ]);
  const stored = value.map(letterOf).filter((letter) => letter !== undefined);
  const corrupt = value.length - stored.length;
  return { jsonBody: { value: [...broker.letters, ...stored], continuation, unread: broker.unread, corrupt } };
});

const requestSchema = z.strictObject({ reason: prose(1_000).optional() });

type Settling = (context: typeof edge, request: Parameters<typeof redriveLetter>[1]) => Promise<Letter>;

async function settled({ principal, params, body }: Call, settling: Settling): Promise<HttpResponseInit> {
  const { reason } = await body(requestSchema);
  const request = { letter: params["id"] ?? "", by: principal.oid, reason: reason ?? null };
  return { status: 202, jsonBody: await settling(edge, request) };
}

const operators = ["Steelyard.Operator", "Steelyard.Admin"] as const;

/** Puts one into its queue again: it takes the way of every message. */
route("redrive", { method: "POST", route: "deadletters/{id}/redrive", roles: operators, peopleOnly: true }, (call) =>
  settled(call, redriveLetter),
);

/** Sets one aside. */
route("dismiss", { method: "POST", route: "deadletters/{id}/dismiss", roles: operators, peopleOnly: true }, (call) =>
  settled(call, dismissLetter),
);
