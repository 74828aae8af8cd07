/** The console's one stylesheet. Sizes in rem, so that text at 200 % has the room that it needs. */
import { charts } from "./charts.ts";
import { frame } from "./frame.ts";
import { ledger } from "./ledger.ts";
import { matrix } from "./matrix.ts";
import { narrow } from "./narrow.ts";
import { pieces } from "./pieces.ts";
import { tokens } from "./tokens.ts";
import { tour } from "./tour.ts";

/** Served as a file of its own: the pages' policy allows no style in the markup. */
export const style = [tokens, frame, pieces, charts, matrix, ledger, tour, narrow].join("\n");
