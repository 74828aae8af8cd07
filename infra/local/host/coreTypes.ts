/**
 * Types of the module `@azure/functions-core`, which no package ships: the Functions worker gives it to the app, here
 * the local host does. Only the members that `@azure/functions` 4.x and this host use.
 */

/** One value on its way between host and app, tagged by the member that is set. */
export interface RpcTypedData {
  readonly string?: string;
  /** JSON text. */
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly int?: number;
  readonly double?: number;
  readonly http?: RpcHttp;
  readonly collectionString?: { readonly string: readonly string[] };
}

/** A value, or the absence of one. */
export type RpcValue = RpcTypedData | null | undefined;

export interface RpcCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: { readonly value: string } | undefined;
  readonly path?: { readonly value: string } | undefined;
  readonly expires?: { readonly value: { readonly seconds: number } } | undefined;
  readonly secure?: { readonly value: boolean } | undefined;
  readonly httpOnly?: { readonly value: boolean } | undefined;
  /** `none` means not said; `explicitNone` is SameSite=None. */
  readonly sameSite?: "none" | "lax" | "strict" | "explicitNone";
  readonly maxAge?: { readonly value: number } | undefined;
}

/** An HTTP request (`nullable*`, method, url) or response (statusCode, headers, cookies). */
export interface RpcHttp {
  readonly method?: string;
  readonly url?: string;
  readonly nullableHeaders?: Readonly<Record<string, { value: string }>>;
  readonly nullableQuery?: Readonly<Record<string, { value: string }>>;
  readonly nullableParams?: Readonly<Record<string, { value: string }>>;
  readonly body?: RpcTypedData | null;
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly RpcCookie[];
  readonly enableContentNegotiation?: boolean;
}

export interface BindingInfo extends Readonly<Record<string, unknown>> {
  readonly type?: string;
  readonly direction?: "in" | "out" | "inout";
}

export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, BindingInfo>>;
  readonly retryOptions?: unknown;
}

export type FunctionCallback = (...args: unknown[]) => unknown;

export type LogLevel = "trace" | "debug" | "information" | "warning" | "error" | "critical" | "none";
export type LogCategory = "user" | "system" | "customMetric";

export interface InvocationRequest {
  readonly invocationId: string;
  readonly functionId: string;
  /** The trigger's value first, then those of the input bindings. */
  readonly inputData: readonly { readonly name: string; readonly data: RpcValue }[];
  readonly triggerMetadata?: Readonly<Record<string, RpcTypedData>>;
  readonly traceContext: {
    readonly traceParent: string;
    readonly traceState: string;
    readonly attributes: Record<string, string>;
  };
}

export interface InvocationResponse {
  readonly outputData?: readonly { readonly name: string; readonly data: RpcValue }[];
  readonly returnValue?: RpcValue;
}

/** What the host tells the programming model of one invocation. */
export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly metadata: FunctionMetadata;
  readonly request: InvocationRequest;
  state?: "preInvocationHooks" | "invocation" | "postInvocationHooks";
  log(level: LogLevel, category: LogCategory, message: string): void;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities?(capabilities: Record<string, string>): Record<string, string> | Promise<Record<string, string>>;
}
