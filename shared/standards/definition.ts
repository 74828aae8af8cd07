/** How a definition becomes something that can judge. */
import type { Judgement } from "../desired/judgement.ts";
import type { Sight, Source } from "../estate/sight.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { parse } from "../kernel/parse.ts";
import { lastingMembers, placeMembers, rootMembers, type JudgedPlace } from "./document.ts";
import { joinsRead } from "./joins.ts";
import { judge } from "./judge.ts";
import { bindParameters } from "./parameters.ts";
import { compileCondition } from "./policy/conditions.ts";
import type { Parameters, Vocabulary } from "./policy/scope.ts";
import { compileRemedy, compileSentence } from "./remedy.ts";
import { standardSchema, type StandardDefinition } from "./schema.ts";
import { judged } from "./subjects.ts";

export type { JudgedPlace } from "./document.ts";
export { standardSchema, type StandardDefinition } from "./schema.ts";

/** A definition with its rules compiled, with the parameters that the configuration gives it. */
export interface Standard {
  readonly definition: StandardDefinition;
  /** What has to be read beside the account; without it the verdict is `unknown`. */
  readonly sources: readonly Source[];
  /**
   * One judgement for each resource that the standard judges. What was not read, or what a rule cannot work on, gives
   * `unknown`; it never throws for what an estate may hold. Reasons hold no time, no counter and no address of a person.
   */
  judge(sight: Sight, place: JudgedPlace): Judgement[];
}

/** @throws SteelyardError `BadInput` when the definition, its rule or a parameter's value is not understood. */
export function compileStandard(input: unknown, given: Parameters = {}): Standard {
  const id = typeof input === "object" && input !== null && "id" in input ? String(input.id) : "without id";
  const definition = parse(standardSchema, input, `standard ${id}`);
  const parametersIn = bindParameters(id, definition.parameters, given);
  const sources = sourcesOf(definition);
  try {
    const compiled = { definition, sources, parametersIn, ...compileRules(definition, sources) };
    return { definition, sources, judge: (sight, place) => judge(compiled, sight, place) };
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    throw new SteelyardError(error.code, `standard ${id}: ${error.message}`, { cause: error });
  }
}

/** The list of what it judges, and what it says that it reads. */
function sourcesOf({ resourceType, reads }: StandardDefinition): Source[] {
  const own = judged[resourceType].kind;
  return own === undefined ? reads : [...new Set<Source>([own, ...reads])];
}

function compileRules(definition: StandardDefinition, sources: readonly Source[]) {
  const { when, known, rule, failure, remedy, byHand } = definition;
  const vocabulary: Vocabulary = { parameters: Object.keys(definition.parameters), members: rootMembers(sources) };
  const lasting: Vocabulary = { ...vocabulary, members: lastingMembers(sources) };
  const read = new Set<string>();
  const watched = { ...vocabulary, reads: (root: string) => read.add(root) };
  const ofPlace = new Set(placeMembers.map((name) => name.toLowerCase()));
  const applies = when && {
    holds: compileCondition(when.if, watched, "/when/if"),
    reason: compileSentence(when.reason, lasting, "/when/reason"),
    ofPlace: [...read].every((root) => ofPlace.has(root)),
  };
  const asked = new Set<string>();
  const asking = { ...vocabulary, reads: (root: string) => asked.add(root) };
  const tells = known && {
    holds: compileCondition(known.if, asking, "/known/if"),
    reason: compileSentence(known.reason, lasting, "/known/reason"),
  };
  const breaks = compileCondition(rule.if, asking, "/rule/if");
  return {
    when: applies,
    known: tells,
    joins: {
      ofWhen: joinsRead(definition.resourceType, read, "/when/if"),
      ofRule: joinsRead(definition.resourceType, asked, "/rule/if"),
    },
    breaks,
    failure: failure === undefined ? undefined : compileSentence(failure, lasting, "/failure"),
    byHand: byHand === undefined ? undefined : compileSentence(byHand, lasting, "/byHand"),
    remedy: remedy && compileRemedy(remedy, vocabulary, lasting),
  };
}
