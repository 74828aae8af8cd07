/** The directory port on Microsoft Graph: the local one, over TLS. */
import { GraphDirectory } from "../../shared/adapters/graphDirectory.ts";
import { DirectoryBed } from "../support/directoryBed.ts";
import { directoryContract } from "./directory.ts";

directoryContract("on Microsoft Graph", async () => {
  const bed = await DirectoryBed.start();
  return {
    directory: new GraphDirectory(bed.credential(), bed.endpoint),
    hold: (known) => bed.hold(known),
    close: () => bed.stop(),
  };
});
