/**
 * A minimal `@azure/functions-core` for tests: lets @azure/functions and durable-functions register in this process,
 * and runs what they registered through the library's own invocation pipeline. To be imported before the first
 * `app.*` call of the process: the library looks for its host once.
 */
import Module from "node:module";

interface Metadata {
  name: string;
  bindings: Record<string, { type: string; direction: string }>;
}
type Callback = (...inputs: unknown[]) => unknown;

interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: Callback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ returnValue?: Returned | null }>;
}
type Returned = { string?: string; json?: string; int?: number; double?: number };

export interface RegisteredFunction {
  readonly metadata: Metadata;
  readonly callback: Callback;
  readonly triggerType: string;
}

/** By name, as registered. */
export const registry = new Map<string, RegisteredFunction>();

let model: { getInvocationModel(context: unknown): InvocationModel | Promise<InvocationModel> } | undefined;

class Disposable {
  dispose(): void {}
}

const core = {
  version: "3.12.0",
  hostVersion: "4.1044.0",
  Disposable,
  log: () => undefined,
  registerHook: () => new Disposable(),
  setProgrammingModel: (given: typeof model) => {
    model = given;
  },
  getProgrammingModel: () => model,
  registerFunction: (metadata: Metadata, callback: Callback) => {
    const trigger = Object.values(metadata.bindings).find(({ type }) => type.endsWith("Trigger"));
    if (trigger === undefined) throw new Error(`function '${metadata.name}' has no trigger`);
    registry.set(metadata.name, { metadata, callback, triggerType: trigger.type });
    return new Disposable();
  },
};

const prototype = Module.prototype as unknown as { require: (id: string) => unknown };
const original = prototype.require;
prototype.require = function (this: unknown, id: string): unknown {
  return id === "@azure/functions-core" ? core : original.call(this, id);
};

/** Runs a registered function with the trigger data given as text; `returnValue` as the library encodes it. */
export async function invoke(name: string, data: string | null): Promise<unknown> {
  const found = registry.get(name);
  if (found === undefined || model === undefined) throw new Error(`function '${name}' is not registered`);
  const trigger = Object.entries(found.metadata.bindings).find(([, { type }]) => type.endsWith("Trigger"));
  const invocation = await model.getInvocationModel({
    invocationId: "0",
    metadata: found.metadata,
    request: {
      inputData: [{ name: trigger?.[0], data: data === null ? null : { string: data } }],
      triggerMetadata: {},
    },
    log: () => undefined,
  });
  const { context, inputs } = await invocation.getArguments();
  const result = await invocation.invokeFunction(context, inputs, found.callback);
  return decode((await invocation.getResponse(context, result)).returnValue);
}

function decode(value: Returned | null | undefined): unknown {
  if (value === null || value === undefined) return value;
  if (value.json !== undefined) return JSON.parse(value.json);
  return value.string ?? value.int ?? value.double;
}
