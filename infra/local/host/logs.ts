/** One line of JSON on stdout per log entry; the platform reads them there. Secrets are cut out of every line. */
import type { LogCategory, LogLevel } from "./coreTypes.ts";

export interface LogEntry {
  readonly level: LogLevel;
  /** `user` for the app's own lines, `system` for the library's, `host` for this host's. */
  readonly category: LogCategory | "host";
  readonly message: string;
  readonly function?: string;
  readonly invocationId?: string;
}

/** Longest message that is written; what comes after is cut, as Application Insights cuts at 32,768 characters. */
const MESSAGE_CHARACTERS_MAX = 32_768;

/** Tokens (three base64url parts), keys of connection strings, keys and signatures in URLs. */
const secrets: readonly RegExp[] = [
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /(?<=\b(?:SharedAccessKey|AccountKey|SharedAccessSignature)=)[^;\s"]+/gi,
  /(?<=[?&](?:code|sig|api-key|subscription-key)=)[^&\s"]+/gi,
  /(?<=\bBearer )[\w.~+/=-]{8,}/gi,
];

/** Replaces what looks like a token, key or signature by `[redacted]`. */
export function redact(text: string): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replace(secret, "[redacted]");
  return clean;
}

export class HostLog {
  readonly #now: () => number;
  readonly #write: (line: string) => void;

  /** @param now Business time, milliseconds since the epoch. */
  constructor(now: () => number, write: (line: string) => void = (line) => process.stdout.write(line)) {
    this.#now = now;
    this.#write = write;
  }

  write(entry: LogEntry): void {
    if (entry.level === "none") return;
    const { level, category, function: functionName, invocationId } = entry;
    const message = redact(entry.message.slice(0, MESSAGE_CHARACTERS_MAX));
    const at = new Date(this.#now()).toISOString();
    this.#write(`${JSON.stringify({ level, category, message, function: functionName, invocationId, at })}\n`);
  }

  /** A line of the host itself. */
  host(level: LogLevel, message: string, functionName?: string): void {
    this.write({ level, category: "host", message, ...(functionName === undefined ? {} : { function: functionName }) });
  }
}
