/**
 * Files of resources, told apart by their shape: a resource as Azure answers it, a list of them, a list response, a
 * template, the result of a what-if, an export of Resource Graph, recorded exchanges with Azure Resource Manager.
 */
import type { Json } from "../kernel/canonicalJson.ts";
import { isList, isObject, member, type JsonObject } from "../standards/policy/values.ts";
import { resourcesOfTemplate, type Target } from "./declared.ts";
import type { Found, FoundList, FoundResource, Origin } from "./found.ts";
import { wordOf, type Part } from "./json.ts";
import { refuse } from "./template.ts";

/** Resources of all files together. */
export const RESOURCES_MAX = 500_000;

/** Lists in lists. */
const DEPTH_MAX = 5;

/** @throws SteelyardError `BadInput`: `file: /pointer: found ...; expected ...` */
export function readResources(parts: readonly Part[], target: Target): Found {
  const reader = new Reader(target);
  for (const { value, where } of parts) reader.read(value, { where, pointer: "" }, 0);
  return reader.found();
}

interface Place {
  readonly where: string;
  readonly pointer: string;
}

const below = ({ where, pointer }: Place, name: string | number): Place => ({ where, pointer: `${pointer}/${name}` });
const at = ({ where, pointer }: Place): string => `${where}${pointer === "" ? "" : `: ${pointer}`}`;

const expected =
  "expected a resource (with type, and id or name), a list of them, {value: [...]}, an ARM template, a what-if result, an export of Resource Graph, or recorded exchanges";

class Reader {
  readonly #target: Target;
  readonly #resources = new Map<string, FoundResource>();
  readonly #lists: FoundList[] = [];
  readonly #notes: string[] = [];

  constructor(target: Target) {
    this.#target = target;
  }

  found(): Found {
    return { resources: [...this.#resources.values()], lists: this.#lists, notes: this.#notes };
  }

  read(value: Json, place: Place, depth: number): void {
    if (depth > DEPTH_MAX) throw refuse(at(place), `more than ${DEPTH_MAX} lists within lists`, "fewer");
    if (isList(value)) {
      for (const [index, item] of value.entries()) this.read(item, below(place, index), depth + 1);
      return;
    }
    if (!isObject(value)) throw refuse(at(place), shownAs(value), expected.slice("expected ".length));
    for (const shape of shapes) if (shape.is(value)) return shape.read.call(this, value, place, depth);
    const names = Object.keys(value).slice(0, 8).join(", ");
    const found = names === "" ? "an empty object" : `an object with ${names}`;
    throw refuse(at(place), found, expected.slice("expected ".length));
  }

  add(resource: FoundResource): void {
    if (this.#resources.size >= RESOURCES_MAX) throw refuse(resource.where, "more resources", `${RESOURCES_MAX}`);
    this.#resources.set(resource.key, resource);
  }

  addList(list: FoundList): void {
    this.#lists.push(list);
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  template(value: JsonObject, place: Place): void {
    const { resources, notes } = resourcesOfTemplate(value, this.#target, at(place));
    for (const resource of resources) this.add(resource);
    for (const note of notes) this.note(note);
  }

  resource(value: JsonObject, place: Place, origin: Origin, ofPart = false): void {
    const [id, type, name] = [member(value, "id"), member(value, "type"), member(value, "name")];
    const given = typeof id === "string" && id.trim() !== "" ? id.trim() : undefined;
    const told =
      typeof type === "string" && type.includes("/") ? type : given === undefined ? undefined : typeIn(given);
    if (told === undefined) throw refuse(at(below(place, "type")), shownAs(type ?? null), "the type of a resource");
    if (given === undefined && typeof name !== "string")
      throw refuse(at(below(place, "name")), shownAs(name ?? null), "the name of a resource, or its id");
    if (given === undefined) return this.template({ resources: [value] }, place);
    const own = { ...value, id: given, type: told, name: typeof name === "string" ? name : nameIn(given) };
    const key = given.toLowerCase().replace(/^\/+/, "/").replace(/\/+$/, "");
    this.add({ given, key, type: told, body: own, origin, where: at(place), ...(ofPart ? { ofPart: true } : {}) });
  }
}

interface Shape {
  is(value: JsonObject): boolean;
  read(this: Reader, value: JsonObject, place: Place, depth: number): void;
}

const isResource = (value: JsonObject): boolean =>
  typeof member(value, "id") === "string" ||
  (typeof member(value, "type") === "string" && typeof member(value, "name") === "string");

/** Azure also lists what is none: metrics, usages, activities. */
function hasType(value: JsonObject): boolean {
  const [id, type] = [member(value, "id"), member(value, "type")];
  return typeof id === "string" && (typeof type === "string" ? type.includes("/") : typeIn(id) !== undefined);
}

const template: Shape = {
  is: (value) =>
    /deploymentTemplate\.json/i.test(wordOf(member(value, "$schema"))) ||
    (member(value, "resources") !== undefined && member(value, "type") === undefined),
  read(value, place) {
    this.template(value, place);
  },
};

const exchange: Shape = {
  is: (value) => typeof member(value, "method") === "string" && typeof member(value, "url") === "string",
  read(value, place) {
    const [method, url, status] = ["method", "url", "status"].map((name) => member(value, name));
    const body = member(value, "responseBody");
    // What was asked for, not what came of it, is in the others.
    if (method !== "GET" || status !== 200 || !isObject(body)) return;
    const given = pathOf(wordOf(url));
    const items = member(body, "value");
    const isOwn = typeof member(body, "id") === "string" && typeof member(body, "type") === "string";
    if (isList(items)) {
      const isPart = nextOf(body) !== undefined;
      this.addList({ path: given.toLowerCase(), given, isPart: isPart || isNarrowed(wordOf(url)) });
      const here = below(below(place, "responseBody"), "value");
      for (const [index, item] of items.entries())
        if (isObject(item) && hasType(item)) this.resource(item, below(here, index), "answer", isPart);
    } else if (isOwn) this.resource(body, below(place, "responseBody"), "answer");
  },
};

const whatIf: Shape = {
  is: (value) => isList(member(value, "changes")) || isList(member(member(value, "properties"), "changes")),
  read(value, place) {
    const isOwn = isList(member(value, "changes"));
    const changes = member(isOwn ? value : member(value, "properties"), "changes");
    const here = below(isOwn ? place : below(place, "properties"), "changes");
    for (const [index, change] of (isList(changes) ? changes : []).entries()) {
      const there = below(here, index);
      const [after, type] = [member(change, "after"), member(change, "changeType")];
      const id = member(change, "resourceId");
      if (isObject(after)) {
        this.resource({ ...(typeof id === "string" ? { id } : {}), ...after }, below(there, "after"), "declared");
      } else if (wordOf(type).toLowerCase() !== "delete") {
        this.note(`${at(there)}: left out: the what-if does not say what ${wordOf(id)} would be (${wordOf(type)}).`);
      }
    }
  },
};

const graph: Shape = {
  is: (value) => {
    const data = member(value, "data");
    return isList(data) || (isList(member(data, "columns")) && isList(member(data, "rows")));
  },
  read(value, place) {
    const isPart =
      (member(value, "$skipToken") ?? member(value, "skip_token") ?? null) !== null ||
      wordOf(member(value, "resultTruncated")) === "true";
    if (isPart) this.note(`${at(place)}: this is a part: Resource Graph has more rows. Export all of its pages.`);
    const data = member(value, "data") ?? null;
    const here = below(place, "data");
    if (isList(data)) {
      for (const [index, row] of data.entries()) {
        const there = below(here, index);
        if (!isObject(row)) throw refuse(at(there), shownAs(row), "a row");
        this.resource(row, there, "row", isPart);
      }
    } else readRows(this, data, here, isPart);
  },
};

function readRows(reader: Reader, data: Json, place: Place, isPart: boolean): void {
  const columns = member(data, "columns");
  const names = (isList(columns) ? columns : []).map((column) => wordOf(member(column, "name")));
  const rows = member(data, "rows");
  for (const [index, row] of (isList(rows) ? rows : []).entries()) {
    const there = below(below(place, "rows"), index);
    if (!isList(row) || row.length !== names.length)
      throw refuse(
        at(there),
        isList(row) ? `${row.length} values` : shownAs(row),
        `one for each of ${names.length} columns`,
      );
    const cells = names.map((name, cell): [string, Json] => [name, row[cell] ?? null]);
    reader.resource(Object.fromEntries(cells), there, "row", isPart);
  }
}

const response: Shape = {
  is: (value) => isList(member(value, "value")) && !isResource(value),
  read(value, place, depth) {
    const next = nextOf(value);
    if (next !== undefined) this.note(`${at(place)}: this is a part: there is a nextLink. Add the pages that follow.`);
    const items = member(value, "value");
    for (const [index, item] of (isList(items) ? items : []).entries()) {
      const there = below(below(place, "value"), index);
      if (next !== undefined && isObject(item) && isResource(item)) this.resource(item, there, "answer", true);
      else this.read(item, there, depth + 1);
    }
  },
};

const resource: Shape = {
  is: isResource,
  read(value, place) {
    this.resource(value, place, "answer");
  },
};

/** In the order in which they are told apart: a recorded exchange may have an `id`, too. */
const shapes: readonly Shape[] = [exchange, template, whatIf, graph, response, resource];

function nextOf(value: JsonObject): string | undefined {
  const next = member(value, "nextLink");
  return typeof next === "string" && next !== "" ? next : undefined;
}

/** Of a URL as it is sent, whose parts may be escaped. */
function pathOf(url: string): string {
  const path = url.replace(/^https?:\/\/[^/]*/i, "").replace(/[?#].*$/s, "");
  try {
    return decodeURIComponent(path).replace(/^\/+/, "/").replace(/\/+$/, "");
  } catch {
    // A percent sign that escapes nothing: it is no address of a list that anything is looked up by.
    return path;
  }
}

/** A filter leaves something out; of locks `atScope()` leaves what stands at the account and above it, which is all. */
function isNarrowed(url: string): boolean {
  const filter = URL.parse(url)?.searchParams.get("$filter") ?? "";
  return filter !== "" && !(/\/locks\?/i.test(url) && /^atscope\(\)$/i.test(filter.trim()));
}

/** The type that an ID tells: namespace and every second part behind its last provider. */
function typeIn(id: string): string | undefined {
  const group = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/i;
  if (group.test(id)) return "Microsoft.Resources/resourceGroups";
  const [namespace, ...parts] =
    id
      .split(/\/providers\//i)
      .at(-1)
      ?.split("/") ?? [];
  const types = parts.filter((_, index) => index % 2 === 0);
  return /\/providers\//i.test(id) && types.length > 0 ? [namespace, ...types].join("/") : undefined;
}

function nameIn(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

function shownAs(value: Json): string {
  if (value === null) return "nothing";
  if (typeof value === "object") return isList(value) ? "a list" : "an object";
  return JSON.stringify(value).slice(0, 80);
}
