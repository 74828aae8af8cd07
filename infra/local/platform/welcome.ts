import { enrolled } from "../scenarios/contoso/organisation.ts";
import { oids, subscriptions } from "../scenarios/people.ts";
import type { Platform } from "./platform.ts";

/** What a person reads when the platform is ready: where things are, what to try first, how to stop. */
export function welcome(platform: Platform): string {
  const { ports, dataDir } = platform.options;
  const base = `http://127.0.0.1:${ports.control}/_platform`;
  const account = privateAccount(platform);
  const tryIt =
    account === undefined
      ? []
      : [
          "or in a shell: play a colleague who opens a private account to the internet by hand",
          "",
          `  curl -X PATCH 'http://127.0.0.1:${ports.arm}${account}?api-version=2025-09-01' \\`,
          `    -H 'x-ms-client-principal-id: ${oids.reader}' -H 'content-type: application/json' \\`,
          `    -d '{"properties":{"publicNetworkAccess":"Enabled"}}'`,
          "",
          "and see what Steelyard makes of it",
          "",
          `  TOKEN=$(curl -s ${base}/token -d '{"as":"${oids.operator}"}' | sed 's/.*"token":"//;s/".*//')`,
          `  curl -s 'http://127.0.0.1:${ports.edge}/api/findings' -H "authorization: Bearer $TOKEN"`,
          "",
        ];
  return [
    "",
    "Steelyard runs on this machine. Nothing here touches Azure.",
    "",
    `  console    http://localhost:${ports.edge}/api/console   (sign in as one of the scenario's people)`,
    `  tour       http://localhost:${ports.edge}/api/console/tour   (sign in as Adil Admin; ten minutes, nothing staged)`,
    `  API        http://127.0.0.1:${ports.edge}/api`,
    `  ARM        http://127.0.0.1:${ports.arm}   (plain, for curl)`,
    `  commands   npx steelyard --help   (${dataDir.endsWith("/.steelyard") ? "" : `with STEELYARD_DATA=${dataDir}; `}as an admin, or as --as says)`,
    `  platform   ${base}   (clock, faults, reset: http://127.0.0.1:${ports.control}/ lists it all)`,
    "",
    ...tryIt,
    `stop: Ctrl+C. State is kept in ${dataDir}; npm start -- --scenario contoso begins anew.`,
    "",
  ].join("\n");
}

/** A corp account whose public access is off, as the first scenario has many. */
function privateAccount({ engines }: Platform): string | undefined {
  const corp = [...subscriptions, ...enrolled].filter(({ archetype }) => archetype === "corp").map(({ id }) => id);
  const found = Object.values(engines.arm.state()).find((resource) => {
    const { id, type, properties } = resource as { id?: string; type?: string; properties?: Record<string, unknown> };
    return (
      type?.toLowerCase() === "microsoft.cognitiveservices/accounts" &&
      properties?.["publicNetworkAccess"] === "Disabled" &&
      corp.some((subscription) => id?.toLowerCase().startsWith(`/subscriptions/${subscription}/`) ?? false)
    );
  });
  return (found as { id: string } | undefined)?.id;
}
