import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { escape, html } from "../../../shared/view/html.ts";

describe("markup", () => {
  it("takes what is put into it as text, and its own as markup", () => {
    const name = `<b title="x">&'`;
    expect(html`<p>${html`<i>${name}</i>`}</p>`.toString()).toBe(
      "<p><i>&lt;b title=&quot;x&quot;&gt;&amp;&#39;</i></p>",
    );
  });

  it("puts nothing for nothing, and lists one after the other", () => {
    expect(html`[${null}${undefined}${false}${[html`<i></i>`, "a", 0]}]`.toString()).toBe("[<i></i>a0]");
  });

  it("shows what would not be seen: marks that turn direction, control characters, joiners, half characters", () => {
    expect(escape("a\u202eb\u0007c\u200bd\ud800e\ufeff")).toBe("a\\u202eb\\u0007c\\u200bd\ufffde\\ufeff");
    expect(escape("two\nlines\tand a tab")).toBe("two\nlines\tand a tab");
  });

  it("lets no text out of an element or an attribute", () => {
    assert(
      property(string({ unit: "binary" }), (text) => {
        expect(html`${text}`.toString()).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)|[\u202a-\u202e]/);
      }),
    );
  });
});
