/** The `if`: https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule */
import { resolve } from "./expressions.ts";
import { ofRequest, pathOf, select, singled } from "./fields.ts";
import { Failed, fold, get, isObject, type Json, type JsonObject, type Maybe } from "./json.ts";
import { operators } from "./operators.ts";
import type { Scene } from "./scene.ts";

/** Whether the condition holds. From the first to the last, stopping where the rest can't change the outcome. */
export function holds(condition: Maybe, scene: Scene): boolean {
  if (!isObject(condition)) throw new Failed("expected a condition");
  const { not, allOf, anyOf } = {
    not: get(condition, "not"),
    allOf: get(condition, "allOf"),
    anyOf: get(condition, "anyOf"),
  };
  if (not !== undefined) return !holds(not, scene);
  if (Array.isArray(allOf)) return allOf.every((each) => holds(each, scene));
  if (Array.isArray(anyOf)) return anyOf.some((each) => holds(each, scene));
  const { test, wanted } = operatorOf(condition);
  const asked = resolve(wanted, scene);
  const field = get(condition, "field");
  if (field !== undefined) return fieldHolds(resolve(field, scene), test, asked, scene);
  const count = get(condition, "count");
  return test(isObject(count) ? countOf(count, scene) : resolve(get(condition, "value"), scene), asked);
}

type Test = (value: Maybe, wanted: Maybe) => boolean;

function operatorOf(condition: JsonObject): { test: Test; wanted: Maybe } {
  for (const [name, test] of Object.entries(operators)) {
    const wanted = get(condition, name);
    if (wanted !== undefined) return { test, wanted };
  }
  throw new Failed("expected an operator");
}

/** "Each element in the array is evaluated individually with logical `and` between elements." */
function fieldHolds(field: Maybe, test: Test, asked: Maybe, scene: Scene): boolean {
  if (typeof field !== "string") throw new Failed(`field: found ${JSON.stringify(field)}; expected a name`);
  const { resource } = scene;
  const known = ofRequest(field, resource, scene.tables);
  if (known !== undefined) return test(known.value, asked);
  const path = pathOf(field, resource, scene.tables);
  const all = path === undefined ? [undefined] : select(resource, path);
  if (fold(field) === "LOCATION") return all.every((each) => test(region(each), region(asked)));
  return all.every((each) => test(each, asked));
}

/** "East US 2 is considered equal to eastus2." */
function region(value: Maybe): Maybe {
  if (Array.isArray(value)) return value.map((each) => region(each) ?? null);
  return typeof value === "string" ? value.replaceAll(" ", "").toLowerCase() : value;
}

function countOf(count: JsonObject, scene: Scene): number {
  const where = get(count, "where");
  const counted = get(count, "field") === undefined ? valuesOf(count, scene) : membersOf(count, scene);
  return where === undefined ? counted.length : counted.filter((each) => holds(where, each)).length;
}

/** One scene for each member of the array in the resource. */
function membersOf(count: JsonObject, scene: Scene): Scene[] {
  const field = resolve(get(count, "field"), scene);
  if (typeof field !== "string") throw new Failed("count: expected the name of an array");
  const path = pathOf(field, scene.resource, scene.tables);
  const alone = path === undefined ? [] : singled(scene.resource, path);
  const isSame = scene.evaluated === scene.resource;
  return alone.map((json) => {
    const resource = json as JsonObject;
    const evaluated = isSame ? resource : scene.evaluated;
    return { ...scene, resource, evaluated, counts: [...scene.counts, { kind: "field", field }] };
  });
}

/** One scene for each member of the given array. Its name is "default" where there is none. */
function valuesOf(count: JsonObject, scene: Scene): Scene[] {
  const values = resolve(get(count, "value"), scene);
  if (!Array.isArray(values)) throw new Failed(`count: found ${JSON.stringify(values)}; expected an array`);
  const given = get(count, "name");
  const name = typeof given === "string" ? given : "default";
  return values.map((value: Json) => ({ ...scene, counts: [...scene.counts, { kind: "value", name, value }] }));
}
