/** The configuration as passes see it: read from the store each time, compiled once per version. */
import { z } from "zod";
import {
  configAddress,
  configSchema,
  modes,
  type Activations,
  type Config,
  type SubscriptionSetting,
} from "../config/schema.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { parse } from "../kernel/parse.ts";
import type { Store, StoredDocument } from "../ports/store.ts";
import { standardsOf } from "../standards/catalogue.ts";
import type { Standard } from "../standards/definition.ts";

export interface Compiled {
  readonly config: Config;
  readonly standards: readonly Standard[];
  /** When each standard's mode became what it is; kept by the configuration's writer. */
  readonly activations: Activations;
  subscription(id: string): SubscriptionSetting | undefined;
}

export interface ConfigReader {
  /**
   * @throws SteelyardError `NotFound` when no configuration was ever applied, `BadInput` when it is not understood:
   * closed, not open. Nothing is decided without it.
   */
  read(): Promise<Compiled>;
}

/** Fields that belong to the document, not to the configuration in it. */
const documentFields = new Set(["id", "pk", "kind", "ttl", "activations", "left", "appliedAt", "appliedBy"]);

const activationsSchema = z
  .record(z.string(), z.strictObject({ mode: z.enum(modes), version: z.int().min(1), at: z.iso.datetime() }))
  .default({});

export function configReader(store: Store): ConfigReader {
  let compiled: { etag: string; value: Compiled } | undefined;
  return {
    async read() {
      const { container, pk, id } = configAddress;
      const read = await store.read<StoredDocument>(container, pk, id);
      if (read === undefined) throw notApplied();
      if (compiled?.etag !== read.etag) compiled = { etag: read.etag, value: compile(read.document) };
      return compiled.value;
    },
  };
}

/** Reads the configuration from documents that were read with other things; compiled again only when one has changed. */
export function configCompiler(): (document: StoredDocument | undefined) => Compiled {
  let compiled: { text: string; value: Compiled } | undefined;
  return (document) => {
    if (document === undefined) throw notApplied();
    const text = JSON.stringify(document);
    if (compiled?.text !== text) compiled = { text, value: compile(document) };
    return compiled.value;
  };
}

function notApplied(): SteelyardError {
  return new SteelyardError("NotFound", "no configuration was applied yet");
}

export function compile(document: object): Compiled {
  const plain = Object.fromEntries(
    Object.entries(document).filter(([name]) => !documentFields.has(name) && !name.startsWith("_")),
  );
  const config = parse(configSchema, plain, "configuration");
  const { activations } = document as { readonly activations?: unknown };
  const subscriptions = new Map(config.subscriptions.map((item) => [item.id, item]));
  return {
    config,
    standards: standardsOf(config),
    activations: parse(activationsSchema, activations, "configuration at activations"),
    subscription: (id) => subscriptions.get(id.toLowerCase()),
  };
}
