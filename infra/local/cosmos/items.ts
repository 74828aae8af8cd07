/**
 * Items of all containers: one row each, the body as the JSON text that goes over the wire, system properties included.
 *
 * Every write takes the next log sequence number of the whole account; `_etag` and, for a new item, `_rid` are made from it,
 * so neither ever repeats, also when an item is deleted and made again. An item whose time to live is over does not exist
 * for any operation from that moment of business time on; its row goes with a later write.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { transaction } from "../platform/sqlite.ts";
import { resourceId, type Container } from "./catalogue.ts";
import { badRequest, conflict, itemNotFound, preconditionFailed, tooLarge } from "./errors.ts";
import { charges, ID_BYTES_MAX, ITEM_BYTES_MAX, TTL_S_MAX } from "./limits.ts";
import { partitionKeyMismatch, partitionKeyOfItem } from "./partitionKey.ts";
import { applyPatch, parsePatch } from "./patch.ts";
import { compile } from "./sql/compiler.ts";
import { parseCondition } from "./sql/parser.ts";
import { isObject, type Json } from "./values.ts";

/** One operation on one item, from a request of its own or from a batch. `item` and `patch` are parsed but unchecked JSON. */
export type ItemOperation =
  | { readonly kind: "create"; readonly item: unknown }
  | { readonly kind: "upsert"; readonly item: unknown; readonly ifMatch: string | undefined }
  | { readonly kind: "replace"; readonly id: string; readonly item: unknown; readonly ifMatch: string | undefined }
  | { readonly kind: "patch"; readonly id: string; readonly patch: unknown; readonly ifMatch: string | undefined }
  | { readonly kind: "delete"; readonly id: string; readonly ifMatch: string | undefined }
  | { readonly kind: "read"; readonly id: string; readonly ifNoneMatch: string | undefined };

export interface ItemResult {
  /** 200, 201, 204 or 304. */
  readonly status: number;
  readonly etag?: string;
  /** JSON text. */
  readonly body?: string;
  readonly charge: number;
}

interface Stored {
  readonly etag: string;
  readonly rid: string;
  readonly body: string;
}

/** Expired rows that one write removes at most. */
const SWEEP_MAX = 100;

export class ItemStore {
  readonly #database: DatabaseSync;
  readonly #select: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #advance: StatementSync;
  readonly #sweep: StatementSync;
  #lsn: number;
  #sweptS = Number.NaN;

  /** @param database provisioned by a Catalogue */
  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#select = database.prepare(
      "SELECT etag, rid, body FROM docs WHERE coll = ? AND pk = ? AND id = ? AND (exp IS NULL OR exp > ?)",
    );
    this.#put = database.prepare(
      "INSERT OR REPLACE INTO docs (coll, pk, id, lsn, exp, etag, rid, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#delete = database.prepare("DELETE FROM docs WHERE coll = ? AND pk = ? AND id = ?");
    this.#advance = database.prepare("UPDATE log SET lsn = ?");
    this.#sweep = database.prepare(
      `DELETE FROM docs WHERE (coll, pk, id) IN (SELECT coll, pk, id FROM docs WHERE exp <= ? ORDER BY exp LIMIT ${SWEEP_MAX})`,
    );
    this.#lsn = this.#storedLsn();
  }

  /** Sequence number of the last write. */
  get lsn(): number {
    return this.#lsn;
  }

  /** Runs operations in one transaction. What they throw undoes all of them. */
  write<T>(nowS: number, work: () => T): T {
    try {
      return transaction(this.#database, () => {
        const result = work();
        this.#advance.run(this.#lsn);
        if (this.#sweptS !== nowS) this.#sweep.run(nowS);
        this.#sweptS = nowS;
        return result;
      });
    } catch (error) {
      this.#lsn = this.#storedLsn();
      throw error;
    }
  }

  /**
   * One operation; anything but a read belongs inside {@link write}.
   *
   * @param partitionKey in stored form
   * @param nowS business time, seconds since the epoch
   * @throws CosmosError 400, 404, 409, 412, 413; SqlError for a patch's condition
   */
  execute(container: Container, partitionKey: string, operation: ItemOperation, nowS: number): ItemResult {
    const find = (id: string): Stored | undefined =>
      this.#select.get(container.number, partitionKey, id, nowS) as Stored | undefined;
    const put = (item: Item, existing: Stored | undefined): { etag: string; body: string } =>
      this.#store(container, partitionKey, item, existing, nowS);
    switch (operation.kind) {
      case "read": {
        const found = required(find(operation.id), undefined);
        if (operation.ifNoneMatch === found.etag || operation.ifNoneMatch === "*") {
          return { status: 304, etag: found.etag, charge: charges.read };
        }
        return { status: 200, etag: found.etag, body: found.body, charge: charges.read };
      }
      case "create": {
        const item = checkItem(operation.item, container, partitionKey);
        if (find(item.id) !== undefined) throw conflict();
        return { status: 201, charge: charges.write, ...put(item, undefined) };
      }
      case "upsert": {
        const item = checkItem(operation.item, container, partitionKey);
        const existing = find(item.id);
        // The service looks at If-Match only when the upsert replaces (Azure/azure-cosmos-dotnet-v3 issue 1698).
        if (existing !== undefined) required(existing, operation.ifMatch);
        return { status: existing === undefined ? 201 : 200, charge: charges.replace, ...put(item, existing) };
      }
      case "replace": {
        const item = checkItem(operation.item, container, partitionKey);
        if (item.id !== operation.id) {
          throw badRequest(`The item's id '${item.id}' is not the id '${operation.id}' that the request names.`);
        }
        return { status: 200, charge: charges.replace, ...put(item, required(find(operation.id), operation.ifMatch)) };
      }
      case "patch": {
        const patch = parsePatch(operation.patch);
        const existing = required(find(operation.id), operation.ifMatch);
        const before = JSON.parse(existing.body) as { [name: string]: Json };
        if (patch.condition !== undefined && !holds(patch.condition, before)) throw preconditionFailed();
        const after = applyPatch(before, patch.operations, container.target.partitionKey);
        return { status: 200, charge: charges.replace, ...put(checkItem(after, container, partitionKey), existing) };
      }
      case "delete":
        required(find(operation.id), operation.ifMatch);
        this.#delete.run(container.number, partitionKey, operation.id);
        this.#lsn += 1;
        return { status: 204, charge: charges.delete };
    }
  }

  #store(
    container: Container,
    partitionKey: string,
    item: Item,
    existing: Stored | undefined,
    nowS: number,
  ): { etag: string; body: string } {
    this.#lsn += 1;
    const rid = existing?.rid ?? resourceId([container.databaseNumber, container.number, this.#lsn]);
    const etag = makeEtag(this.#lsn);
    const self = `dbs/${container.databaseRid}/colls/${container.rid}/docs/${rid}/`;
    const system = { _rid: rid, _self: self, _etag: etag, _attachments: "attachments/", _ts: nowS };
    const body = `${item.text.slice(0, -1)},${JSON.stringify(system).slice(1)}`;
    const bytes = Buffer.byteLength(body);
    if (bytes > ITEM_BYTES_MAX) throw tooLarge(bytes, ITEM_BYTES_MAX, "an item");
    const expires = expiry(item.ttl, container.definition.defaultTtlS, nowS);
    this.#put.run(container.number, partitionKey, item.id, this.#lsn, expires, etag, rid, body);
    return { etag, body };
  }

  #storedLsn(): number {
    return Number(this.#database.prepare("SELECT lsn FROM log").get()?.["lsn"]);
  }
}

/** An item as a client may write it. */
interface Item {
  readonly id: string;
  readonly ttl: number | undefined;
  /** JSON without system properties. */
  readonly text: string;
}

/** @throws CosmosError 400 */
function checkItem(raw: unknown, container: Container, partitionKey: string): Item {
  if (!isObject(raw)) throw badRequest("The input content is invalid: expected a JSON object.");
  const { _rid, _self, _etag, _attachments, _ts, ...own } = raw;
  const { id, ttl } = own as { readonly [name: string]: Json | undefined };
  if (id === undefined) {
    throw badRequest("The input content is invalid because the required properties - 'id; ' - are missing");
  }
  if (typeof id !== "string" || id === "" || /[/\\?#]/.test(id)) {
    throw badRequest(`Item id: expected a non-empty string without / \\ ? #, found ${JSON.stringify(id)}`);
  }
  const idBytes = Buffer.byteLength(id);
  if (idBytes > ID_BYTES_MAX) throw badRequest(`Item id of ${idBytes} bytes exceeds ${ID_BYTES_MAX}.`);
  if (ttl !== undefined && !isTtl(ttl)) {
    throw badRequest(`The input ttl '${JSON.stringify(ttl)}' is invalid: expected -1 or 1 to ${TTL_S_MAX} seconds.`);
  }
  if (partitionKeyOfItem(own, container.target.partitionKey) !== partitionKey) throw partitionKeyMismatch();
  return { id, ttl, text: JSON.stringify(own) };
}

function isTtl(value: Json): value is number {
  return typeof value === "number" && Number.isInteger(value) && (value === -1 || value >= 1) && value <= TTL_S_MAX;
}

/** Business second at which an item stops to exist; null for never. Without a container default, items' `ttl` means nothing. */
function expiry(ttl: number | undefined, defaultTtlS: number | undefined, nowS: number): number | null {
  if (defaultTtlS === undefined) return null;
  const effective = ttl ?? defaultTtlS;
  return effective === -1 ? null : nowS + effective;
}

/** @throws CosmosError 404, 412 */
function required(found: Stored | undefined, ifMatch: string | undefined): Stored {
  if (found === undefined) throw itemNotFound();
  if (ifMatch !== undefined && ifMatch !== "*" && ifMatch !== found.etag) throw preconditionFailed();
  return found;
}

/** A quoted GUID, as the service writes them. */
function makeEtag(lsn: number): string {
  return `"00000000-0000-0000-${(lsn % 0x10000).toString(16).padStart(4, "0")}-${lsn.toString(16).padStart(12, "0")}"`;
}

function holds(condition: string, item: { readonly [name: string]: Json }): boolean {
  const { alias, where } = parseCondition(condition);
  return compile(where, { slots: new Map([[alias, 0]]), parameters: new Map() })([item]) === true;
}
