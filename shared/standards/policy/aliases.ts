/**
 * Alias tables as Azure Resource Manager returns them (`providers?$expand=resourceTypes/aliases`): which path an alias
 * stands for, by API version. Without a table, or for a type that it doesn't list, an alias is read by its structure.
 */
import { z } from "zod";
import { SteelyardError } from "../../kernel/errors.ts";
import { parse } from "../../kernel/parse.ts";

export interface AliasTable {
  /** Undefined when the table doesn't list it. */
  find(alias: string): Alias | undefined;
}

/** Some names stand for different paths in different types: by type in lower case. */
export type Alias = ReadonlyMap<string, AliasPaths>;

export interface AliasPaths {
  readonly path: readonly string[];
  /** By API version in lower case. */
  readonly paths: ReadonlyMap<string, readonly string[]>;
  /** Whether `modify` may change it; undefined when the table doesn't tell. */
  readonly isModifiable: boolean | undefined;
}

/** Azure's own table holds some 75,000. */
const ALIASES_MAX = 500_000;
const VERSIONS_MAX = 1_000;

const metadata = z.looseObject({ attributes: z.string().nullish() }).nullish();

const aliasSchema = z.looseObject({
  name: z.string().min(1).max(1_000),
  defaultPath: z.string().max(1_000).nullish(),
  defaultMetadata: metadata,
  paths: z
    .array(
      z.looseObject({
        path: z.string().min(1).max(1_000),
        apiVersions: z.array(z.string()).max(VERSIONS_MAX).nullish(),
        metadata,
      }),
    )
    .max(VERSIONS_MAX)
    .nullish(),
});

const providersSchema = z.array(
  z.looseObject({
    namespace: z.string(),
    resourceTypes: z
      .array(z.looseObject({ resourceType: z.string(), aliases: z.array(aliasSchema).nullish() }))
      .nullish(),
  }),
);

/**
 * A list of providers, or the answer that holds it as `value`.
 * @throws SteelyardError `BadInput` that names the place in it
 */
export function readAliases(input: unknown, where = "aliases"): AliasTable {
  const list = typeof input === "object" && input !== null && "value" in input ? input.value : input;
  const found = new Map<string, Map<string, AliasPaths>>();
  let count = 0;
  for (const [at, { namespace, resourceTypes }] of parse(providersSchema, list, where).entries()) {
    for (const [typeAt, { resourceType, aliases }] of (resourceTypes ?? []).entries()) {
      const type = `${namespace}/${resourceType}`.toLowerCase();
      for (const [aliasAt, alias] of (aliases ?? []).entries()) {
        const pointer = `${where}/${at}/resourceTypes/${typeAt}/aliases/${aliasAt}`;
        const name = alias.name.toLowerCase();
        const types = found.get(name) ?? new Map<string, AliasPaths>();
        found.set(name, types.set(type, compiled(alias, pointer)));
        count += 1;
        if (count > ALIASES_MAX) throw bad(where, "more aliases", `at most ${ALIASES_MAX}`);
      }
    }
  }
  return { find: (alias) => found.get(alias.toLowerCase()) };
}

function compiled(alias: z.output<typeof aliasSchema>, pointer: string): AliasPaths {
  const first = alias.defaultPath ?? alias.paths?.[0]?.path;
  if (first == null) throw bad(pointer, "no path", "a defaultPath, or paths");
  const paths = (alias.paths ?? []).flatMap(({ path, apiVersions }, at) =>
    (apiVersions ?? []).map((version) => [version.toLowerCase(), steps(path, `${pointer}/paths/${at}`)] as const),
  );
  const attributes = alias.defaultMetadata?.attributes;
  const isModifiable = attributes == null ? undefined : /\bmodifiable\b/i.test(attributes);
  return { path: steps(first, pointer), paths: new Map(paths), isModifiable };
}

function steps(path: string, pointer: string): readonly string[] {
  const found = pathOf(path);
  if (found === undefined) throw bad(pointer, path.slice(0, 100), "a path such as properties.list[*].name");
  return found;
}

function bad(where: string, found: string, expected: string): SteelyardError {
  return new SteelyardError("BadInput", `${where}: found ${found}; expected ${expected}`);
}

/** `a[*].b` and `a['b.c']` as steps in lower case, `*` for each element; undefined when it is no path. */
export function pathOf(name: string): string[] | undefined {
  const found: string[] = [];
  const part = /(\.?)([^.[\]*]+)|\[(?:(\*)|'([^']+)'|([^*\]']+))\]/y;
  while (part.lastIndex < name.length) {
    const match = part.exec(name);
    if (match === null) return undefined;
    const [, dot, plain, each, quoted, bare] = match;
    // A dot stands between names, and nowhere else.
    if (plain !== undefined && (dot === "") !== (found.length === 0)) return undefined;
    if (plain === undefined && found.length === 0) return undefined;
    found.push(each ?? (plain ?? quoted ?? bare ?? "").toLowerCase());
  }
  return found.length === 0 ? undefined : found;
}
