import { expect, it } from "vitest";
import { guarded } from "../../../shared/config/guarded.ts";
import { LEFT_MAX, leftOf } from "../../../shared/config/left.ts";
import { baseline, corp, online } from "../../support/configurationBench.ts";

const subscriptions = baseline().subscriptions.map((item) => ({ ...item, environment: "prod" }));
const both = baseline({ subscriptions, quorums: { prod: 2 } });
const one = baseline({ subscriptions: subscriptions.filter(({ id }) => id !== corp), quorums: { prod: 2 } });
const many = Array.from({ length: LEFT_MAX }, (_, at) => ({
  id: `5b000000-0000-4000-8000-${String(at + 1_000).padStart(12, "0")}`,
}));

it("remembers where the withdrawn were, until they are enrolled again", () => {
  const left = leftOf(both, [], one);
  expect(left).toEqual([{ id: corp, environment: "prod" }]);
  expect(leftOf(one, left, one)).toEqual(left);
  expect(leftOf(one, left, both)).toEqual([]);
  expect(leftOf(both, [], baseline({ subscriptions: [] })).map(({ id }) => id)).toEqual([corp, online]);
});

it("pushes none out; when it is full every enrolment needs two where environments differ", () => {
  expect(leftOf(both, many, one)).toEqual(many);
  expect(guarded(one, both, 0, many.slice(1))).toEqual([]);
  expect(guarded(one, both, 0, many).map(({ path }) => path)).toEqual([`subscriptions[${corp}].environment`]);
});
