/** Microsoft's contract of ARM and its judge, which lie beside the repository; without them, tests skip. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";

const beside = resolve(import.meta.dirname, "../../../shared");
const data = `${beside}/data/arm-contract`;

/** The official example exchanges, one JSON object a line. */
export const examplesFile = `${data}/examples-bundle.jsonl`;

export const contractIsThere = existsSync(examplesFile);

/** The official contract with its judge, which lie beside the repository like the examples. */
export interface Official {
  /** What is wrong with an exchange; empty: nothing. */
  judge(exchange: object): string[];
  /** Whether the contract has an operation at this address, in this version. */
  knows(method: string, url: URL): boolean;
}

/** Codes that are only warnings about requests and about Azure's own answers, and faults in ours. */
const FORBIDDEN = new Set(["unknown-property", "null-value", "unknown-open-enum"]);

interface Contract {
  loadPath(path: string): number;
  find(method: string, url: URL): { readonly op?: object };
}

interface JudgeModules {
  readonly contract: { readonly Contract: new (options: { root: string }) => Contract };
  readonly exchange: {
    judge(
      contract: Contract,
      exchange: object,
    ): { readonly issues: readonly { severity: string; code: string; path: string; detail?: string }[] };
  };
}

export async function loadContract(): Promise<Official> {
  const tools = `${beside}/tools/arm-contract`;
  const { Contract } = (await import(`${tools}/contract.mjs`)) as JudgeModules["contract"];
  const judging = (await import(`${tools}/exchange.mjs`)) as JudgeModules["exchange"];
  const contract = new Contract({ root: `${data}/bundle` });
  contract.loadPath(`${data}/bundle`);
  return {
    judge: (exchange) =>
      judging
        .judge(contract, exchange)
        .issues.filter(
          ({ severity, code, path }) => severity === "error" || (FORBIDDEN.has(code) && !path.startsWith("request")),
        )
        .map(({ code, path, detail }) => `${code} ${path} ${detail ?? ""}`),
    knows: (method, url) => contract.find(method, url).op !== undefined,
  };
}
