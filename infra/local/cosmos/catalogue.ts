/**
 * The account's databases and containers. They are declared in the engine's options and made at start and reset, as Bicep
 * makes them in Azure: the data plane cannot.
 *
 * A container's `indexes` are SQLite indexes over the items' bodies. The service indexes every path by itself; here a path
 * that is not declared is found by a scan of the container (or of the partition, if the query names one). Composite
 * indexes mean the same as in Azure: without one, ORDER BY over several paths is refused.
 */
import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { transaction } from "../platform/sqlite.ts";
import { COMPOSITE_PATHS_MAX, TTL_S_MAX } from "./limits.ts";
import type { IndexPath, PlanTarget } from "./sql/plan.ts";
import { pathKey, sortKeySql } from "./sql/pushdown.ts";

export interface IndexDefinition {
  /** Paths such as `/writer/wanted` that queries compare or order by. */
  readonly included?: readonly string[];
  /** Composite indexes: two to eight paths each, in the order and with the directions of the ORDER BY. */
  readonly composite?: readonly (readonly { readonly path: string; readonly order: "ascending" | "descending" }[])[];
}

export interface ContainerDefinition {
  readonly database: string;
  readonly container: string;
  /** One path such as `/tenant`; hierarchical keys are not supported. */
  readonly partitionKey: string;
  /** Seconds; -1 turns TTL on without a default; absent, items' own `ttl` means nothing. */
  readonly defaultTtlS?: number;
  readonly indexes?: IndexDefinition;
}

/** A container that exists. */
export interface Container {
  readonly definition: ContainerDefinition;
  /** `docs.coll`. */
  readonly number: number;
  readonly databaseNumber: number;
  readonly rid: string;
  readonly databaseRid: string;
  readonly target: PlanTarget;
  /** `dbs/name/colls/name` */
  readonly link: string;
}

const schema = `
  CREATE TABLE IF NOT EXISTS colls (coll INTEGER PRIMARY KEY, db TEXT NOT NULL, name TEXT NOT NULL, pk TEXT NOT NULL, UNIQUE (db, name));
  CREATE TABLE IF NOT EXISTS docs (
    coll INTEGER NOT NULL, pk TEXT NOT NULL, id TEXT NOT NULL, lsn INTEGER NOT NULL, exp INTEGER, etag TEXT NOT NULL,
    rid TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (coll, pk, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS docs_by_id ON docs (coll, id);
  CREATE INDEX IF NOT EXISTS docs_by_expiry ON docs (exp) WHERE exp IS NOT NULL;
  CREATE TABLE IF NOT EXISTS log (lsn INTEGER NOT NULL);
  INSERT INTO log SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM log);
`;

export class Catalogue {
  readonly #database: DatabaseSync;
  readonly #definitions: readonly ContainerDefinition[];
  #containers = new Map<string, Container>();

  constructor(database: DatabaseSync, definitions: readonly ContainerDefinition[]) {
    this.#database = database;
    this.#definitions = definitions;
    for (const definition of definitions) validate(definition);
  }

  /**
   * Makes what is declared and missing, and drops indexes that are no longer declared.
   *
   * @throws Error when a container exists with another partition key, which cannot be changed
   */
  provision(): void {
    this.#database.exec(schema);
    transaction(this.#database, () => {
      const databases = new Map<string, number>();
      this.#containers = new Map();
      for (const definition of this.#definitions) {
        const { database, container } = definition;
        if (!databases.has(database)) databases.set(database, databases.size + 1);
        const key = JSON.stringify([database, container]);
        if (this.#containers.has(key)) throw new Error(`container ${database}/${container} is declared twice`);
        this.#containers.set(key, this.#provisionContainer(definition, databases.get(database) as number));
      }
      this.#provisionIndexes();
    });
  }

  databases(): string[] {
    return [...new Set(this.#definitions.map((definition) => definition.database))];
  }

  find(database: string, container: string): Container | undefined {
    return this.#containers.get(JSON.stringify([database, container]));
  }

  inDatabase(database: string): Container[] {
    return [...this.#containers.values()].filter(({ definition }) => definition.database === database);
  }

  #provisionContainer(definition: ContainerDefinition, databaseNumber: number): Container {
    const { database, container, partitionKey } = definition;
    const select = this.#database.prepare("SELECT coll, pk FROM colls WHERE db = ? AND name = ?");
    let row = select.get(database, container);
    if (row === undefined) {
      this.#database
        .prepare("INSERT INTO colls (db, name, pk) VALUES (?, ?, ?)")
        .run(database, container, partitionKey);
      row = select.get(database, container);
    }
    if (row?.["pk"] !== partitionKey) {
      throw new Error(
        `container ${database}/${container} has partition key ${String(row?.["pk"])}, declared is ${partitionKey}: a partition key cannot change, reset the store`,
      );
    }
    const number = Number(row["coll"]);
    return {
      definition,
      number,
      databaseNumber,
      rid: resourceId([databaseNumber, number]),
      databaseRid: resourceId([databaseNumber]),
      target: planTarget(definition, number),
      link: `dbs/${database}/colls/${container}`,
    };
  }

  #provisionIndexes(): void {
    const wanted = new Map<string, string>();
    for (const { target, number } of this.#containers.values()) {
      for (const { name, paths } of target.indexes) {
        const columns = paths.flatMap(({ path, descending }) => {
          const sql = sortKeySql(path);
          if (sql === undefined) throw new Error(`index path ${JSON.stringify(path)}: unsupported name`);
          return [sql.rank, sql.value].map((column) => (descending ? `${column} DESC` : column));
        });
        wanted.set(name, `ON docs (${columns.join(", ")}) WHERE coll = ${number}`);
      }
    }
    const existing = this.#database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'docs\\_path\\_%' ESCAPE '\\'")
      .all()
      .map((row) => String(row["name"]));
    for (const name of existing) if (!wanted.has(name)) this.#database.exec(`DROP INDEX ${name}`);
    for (const [name, on] of wanted) this.#database.exec(`CREATE INDEX IF NOT EXISTS ${name} ${on}`);
  }
}

/** Numbers of database, container, item to the service's form: base64 of 4, 8 or 16 bytes. */
export function resourceId(numbers: readonly number[]): string {
  const bytes = Buffer.alloc(numbers.length === 3 ? 16 : numbers.length * 4);
  for (const [index, number] of numbers.slice(0, 2).entries()) bytes.writeUInt32BE(number, index * 4);
  if (numbers[2] !== undefined) bytes.writeBigUInt64BE(BigInt(numbers[2]), 8);
  return bytes.toString("base64").replaceAll("/", "-");
}

/** `/a/b` to its names. */
function pathSteps(path: string): string[] {
  return path.slice(1).split("/");
}

function validate(definition: ContainerDefinition): void {
  const where = `container ${definition.database}/${definition.container}`;
  const paths = [
    definition.partitionKey,
    ...(definition.indexes?.included ?? []),
    ...(definition.indexes?.composite ?? []).flatMap((composite) => composite.map(({ path }) => path)),
  ];
  for (const path of paths) {
    if (!/^(?:\/[A-Za-z_][A-Za-z0-9_]*)+$/.test(path)) {
      throw new Error(`${where}: expected one path of plain names such as /tenant, found ${JSON.stringify(path)}`);
    }
  }
  for (const composite of definition.indexes?.composite ?? []) {
    if (composite.length < 2 || composite.length > COMPOSITE_PATHS_MAX) {
      throw new Error(`${where}: a composite index has 2 to ${COMPOSITE_PATHS_MAX} paths, found ${composite.length}`);
    }
  }
  const ttl = definition.defaultTtlS;
  if (ttl !== undefined && (!Number.isInteger(ttl) || ttl < -1 || ttl === 0 || ttl > TTL_S_MAX)) {
    throw new Error(`${where}: defaultTtlS is -1 or 1 to ${TTL_S_MAX} seconds, found ${ttl}`);
  }
}

function planTarget(definition: ContainerDefinition, number: number): PlanTarget {
  const { included = [], composite = [] } = definition.indexes ?? {};
  const indexes = [...included.map((path) => [{ path, order: "ascending" as const }]), ...composite].map((declared) => {
    const paths: IndexPath[] = declared.map(({ path, order }) => ({
      path: pathSteps(path),
      descending: order === "descending",
    }));
    const digest = createHash("sha256").update(JSON.stringify(paths)).digest("hex").slice(0, 16);
    return { name: `docs_path_${number}_${digest}`, paths };
  });
  return {
    collection: number,
    partitionKey: pathSteps(definition.partitionKey),
    indexed: new Set(indexes.flatMap(({ paths: [first] }) => (first === undefined ? [] : [pathKey(first.path)]))),
    indexes,
  };
}
