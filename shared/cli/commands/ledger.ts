import type { Command } from "../command.ts";
import { ledgerVerify } from "../ledgerVerify.ts";

export const ledgerCommands: readonly Command[] = [
  {
    words: "ledger verify",
    takes: [],
    summary: "check every chain and seal of the ledger",
    details: "Exit code 1 when a record does not hold; it is named.",
    options: {},
    run: async (call) => ledgerVerify(await call.connect(), call.json),
  },
];
