/** Standards as heads of columns. */
import type { EstateStandard, View } from "./estateModel.ts";

/** What of a standard's definition a column is made from. */
interface Definition {
  readonly id: string;
  readonly title: string;
  readonly resourceType: string;
  readonly archetypes: readonly string[];
  readonly remedy?:
    | { readonly target?: string | undefined; readonly assertions: readonly { readonly path: string }[] }
    | undefined;
}

export function estateStandard({ id, title, resourceType, archetypes, remedy }: Definition): EstateStandard {
  const label = siteOf(remedy?.target) ?? labelOf(remedy?.assertions[0]?.path) ?? title;
  return { id, title, label, view: viewOf(resourceType), archetypes };
}

/** What stands beside a resource, where the remedy makes it. */
function siteOf(target: string | undefined): string | undefined {
  const type = target?.split("/").at(-2);
  if (type === "diagnosticsettings") return "Diagnostic setting";
  return type === "locks" ? "Lock" : undefined;
}

function viewOf(resourceType: string): View {
  const type = resourceType.toLowerCase();
  if (type.endsWith("/deployments")) return "deployments";
  return type.endsWith("/raipolicies") ? "policies" : "accounts";
}

/** The field in words, as ARM calls it: `Public network access`. A title would not fit above a column. */
export function labelOf(path: string | undefined): string | undefined {
  const parts = (path ?? "").split(".").filter((part) => part !== "properties");
  const [first, ...rest] = parts;
  if (first === undefined || first === "") return undefined;
  if (first === "tags") return `Tag ${rest.join(".")}`;
  const words = parts
    .flatMap((part) => part.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").split(" "))
    .map((word) => (/^[A-Z]{2,}$/.test(word) ? word : word.toLowerCase()));
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
