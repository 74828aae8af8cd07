/**
 * The module `@azure/functions-core` as the app sees it: the registry of functions and hooks of one process.
 *
 * `@azure/functions` fetches it once with `require` and caches what it got, so {@link FunctionsCore.inject} has to run
 * before the app is imported. Registration is open until the app has started; the Functions worker refuses what comes
 * later, and so does this. One instance per process: the library knows only one host.
 */
import Module from "node:module";
import type { FunctionCallback, FunctionMetadata, LogCategory, LogLevel, ProgrammingModel } from "./coreTypes.ts";

export const hookNames = ["appStart", "appTerminate", "preInvocation", "postInvocation", "log"] as const;
export type HookName = (typeof hookNames)[number];
export type HookCallback = (context: Record<string, unknown>) => unknown;

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

/** Version of the Functions host that the local one stands for. */
const HOST_VERSION = "4.1040.0";

/** What `require("@azure/functions-core")` asks for. */
const CORE_MODULE = "@azure/functions-core";

/** A wrong use of the core API by the library or the app; telemetry of the real worker tells these from user errors. */
class FunctionsSystemError extends Error {
  readonly isAzureFunctionsSystemError = true;
}

class FunctionsRangeError extends RangeError {
  readonly isAzureFunctionsSystemError = true;
}

class Disposable {
  #release: (() => void) | undefined;

  constructor(release: () => void) {
    this.#release = release;
  }

  static from(...parts: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const part of parts) part.dispose();
    });
  }

  dispose(): void {
    this.#release?.();
    this.#release = undefined;
  }
}

export class FunctionsCore {
  readonly functions = new Map<string, RegisteredFunction>();
  /** Shared by all app hooks and by all invocations' hooks. */
  readonly appHookData: Record<string, unknown> = {};
  readonly #hooks = new Map<HookName, HookCallback[]>(hookNames.map((name) => [name, []]));
  readonly #log: (level: LogLevel, category: LogCategory, message: string) => void;
  #model: ProgrammingModel | undefined;
  #frozen = false;
  #requested = false;

  constructor(log: (level: LogLevel, category: LogCategory, message: string) => void) {
    this.#log = log;
  }

  /** Whether the app has ever asked for the module; if not, its library runs in "test mode" and registers nothing. */
  get requested(): boolean {
    return this.#requested;
  }

  /** Throws when no programming model has registered itself. */
  get model(): ProgrammingModel {
    if (this.#model === undefined) throw new Error("the app has set no programming model (@azure/functions sets one)");
    return this.#model;
  }

  hooks(name: HookName): readonly HookCallback[] {
    return this.#hooks.get(name) ?? [];
  }

  /** From now on the app can register no function; hooks stay open, as in the worker. */
  freeze(): void {
    this.#frozen = true;
  }

  /**
   * Makes `require("@azure/functions-core")` give this core to everything loaded from now on, also to ES modules that
   * were bundled with a `createRequire` of their own: all of these go through `Module.prototype.require`.
   */
  inject(): void {
    const module = this.#module();
    const prototype = Module.prototype as { require: (id: string) => unknown };
    const original = prototype.require;
    const markRequested = (): void => {
      this.#requested = true;
    };
    prototype.require = function require(this: unknown, id: string): unknown {
      if (id !== CORE_MODULE) return Reflect.apply(original, this, [id]);
      markRequested();
      return module;
    };
  }

  #module(): Record<string, unknown> {
    return {
      version: HOST_VERSION,
      hostVersion: HOST_VERSION,
      Disposable,
      registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) =>
        this.#registerFunction(metadata, callback),
      registerHook: (name: string, callback: HookCallback) => this.#registerHook(name, callback),
      setProgrammingModel: (model: ProgrammingModel) => this.#setModel(model),
      getProgrammingModel: () => this.model,
      log: this.#log,
    };
  }

  #registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    const { name } = metadata;
    if (this.#frozen) throw new FunctionsSystemError(`function ${name} was registered after the app had started`);
    if (this.functions.has(name)) throw new FunctionsSystemError(`a function named ${name} is already registered`);
    this.functions.set(name, { metadata, callback });
    return new Disposable(() => {
      if (this.#frozen) throw new FunctionsSystemError(`function ${name} was disposed after the app had started`);
      this.functions.delete(name);
    });
  }

  #registerHook(name: string, callback: HookCallback): Disposable {
    const callbacks = this.#hooks.get(name as HookName);
    if (callbacks === undefined) {
      throw new FunctionsRangeError(`unknown hook ${name}; this host knows ${hookNames.join(", ")}`);
    }
    callbacks.push(callback);
    return new Disposable(() => {
      const at = callbacks.indexOf(callback);
      if (at !== -1) callbacks.splice(at, 1);
    });
  }

  /** The real worker lets the last one win; two mean two copies of the library, each with half of the functions' state. */
  #setModel(model: ProgrammingModel): void {
    if (this.#model !== undefined && this.#model !== model) {
      throw new FunctionsSystemError(
        `two programming models: ${this.#model.name} ${this.#model.version} and ${model.name} ${model.version}; ` +
          "the app holds two copies of @azure/functions (see npm ls @azure/functions)",
      );
    }
    this.#model = model;
  }
}
