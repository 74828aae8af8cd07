/** Models as Azure's catalogue offers them to an account, and which of them its deployments name. */
import { objectOf, type Json } from "../kernel/canonicalJson.ts";
import type { ResourceId } from "./resourceId.ts";
import type { Resource } from "./sight.ts";

type Body = Resource["body"];

interface Named {
  readonly format: string;
  readonly name: string;
  readonly version: string;
}

/** Azure gives an entry of the catalogue no ID: it is told from others by what it is. */
export function modelId(body: Body): ResourceId {
  const parts = ["format", "name", "version", "source", "sourceAccount"].map((name) => textOf(body[name]));
  return `models/${parts.join("/").replace(/\/+$/, "")}`.toLowerCase() as ResourceId;
}

/** The model that a deployment says it runs; undefined when it does not say which, to the version. */
export function modelNamedBy(deployment: Body): Named | undefined {
  return namedIn(objectOf(deployment["properties"])["model"]);
}

/** Azure compares the names of models without regard to case. */
export function modelOf(deployment: Body, models: readonly Resource[]): Resource | undefined {
  const named = modelNamedBy(deployment);
  return named && models.find(({ body }) => isSame(namedIn(body), named));
}

/**
 * Of a catalogue, what the deployments run and what Azure says replaces that: the rest, hundreds of entries that change
 * with every model that Azure brings out, concerns nobody here.
 */
export function modelsNamed(deployments: readonly Resource[], models: readonly Resource[]): readonly Resource[] {
  const run = new Set(deployments.map(({ body }) => modelOf(body, models)).filter((model) => model !== undefined));
  const next = [...run].map(({ body }) => replacementOf(body)).filter((named) => named !== undefined);
  return models.filter((model) => run.has(model) || next.some((named) => isSame(namedIn(model.body), named)));
}

function replacementOf(body: Body): Named | undefined {
  const { targetModelName, targetModelVersion } = objectOf(body["replacementConfig"]);
  const [name, version] = [textOf(targetModelName), textOf(targetModelVersion)];
  return name === "" || version === "" ? undefined : { format: textOf(body["format"]), name, version };
}

function namedIn(value: Json | undefined): Named | undefined {
  const object = objectOf(value);
  const [format, name, version] = [textOf(object["format"]), textOf(object["name"]), textOf(object["version"])];
  return format === "" || name === "" || version === "" ? undefined : { format, name, version };
}

function isSame(a: Named | undefined, b: Named): boolean {
  return (
    a !== undefined &&
    a.format.toLowerCase() === b.format.toLowerCase() &&
    a.name.toLowerCase() === b.name.toLowerCase() &&
    a.version.toLowerCase() === b.version.toLowerCase()
  );
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
