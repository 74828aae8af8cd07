/** The sign-in page: the scenario's people, one button each. Plain HTML, no script, readable in both themes. */
import { createHash } from "node:crypto";
import type { Person } from "../directory.ts";
import type { WireResponse } from "../../platform/wire.ts";

const style = `:root{color-scheme:light dark}
body{margin:0;background:light-dark(#f7f6f3,#12110f);color:light-dark(#1c1b18,#edeae4);font:400 .875rem/1.45 "Segoe UI",-apple-system,system-ui,sans-serif}
main{max-width:34rem;margin:0 auto;padding:48px 16px}
h1{font-size:1.25rem;font-weight:600;margin:0 0 4px}p{margin:0 0 20px;color:light-dark(#55524b,#b9b4a9)}
form{display:grid;gap:8px}
button{display:block;width:100%;padding:11px 14px;text-align:left;font:inherit;color:inherit;cursor:pointer;background:light-dark(#fff,#1a1916);border:1px solid light-dark(#cfcbc2,#433f39);border-radius:6px}
button:hover{border-color:light-dark(#87837a,#7d786e)}:focus-visible{outline:2px solid light-dark(#2c5a7a,#8db9d8);outline-offset:2px}
b{font-weight:600}span{display:block;color:light-dark(#55524b,#b9b4a9);font-size:.8125rem}
code{font-family:ui-monospace,"Cascadia Mono",Menlo,Consolas,monospace;font-size:.9375em}
.quiet{background:none;border-color:transparent;text-align:center;text-decoration:underline;text-underline-offset:3px}`;

const styleHash = createHash("sha256").update(style).digest("base64");

/** Lists people; each button posts `oid` to the address of the page itself. */
export function choosePage(people: readonly Person[], redirectOrigin: string): WireResponse {
  const rows = people
    .map(
      ({ oid, name, roles, team }) =>
        `<button name="oid" value="${escape(oid)}"><b>${escape(name)}</b><span>${escape(
          [roles.map((role) => role.replace("Steelyard.", "")).join(", ") || "no role", team]
            .filter(Boolean)
            .join(" · "),
        )}</span><span><code>${escape(oid)}</code></span></button>`,
    )
    .join("");
  const none = people.length === 0 ? "<p>The directory holds no person who could sign in.</p>" : "";
  return html(
    200,
    "Sign in",
    `<h1>Sign in as</h1><p>The people of this machine's directory. Choose who you are; there is no password here.</p>${none}
     <form method="post">${rows}<button class="quiet" name="decline" value="1">Nobody: go back</button></form>`,
    redirectOrigin,
  );
}

export function errorPage(message: string): WireResponse {
  return html(400, "Sign-in refused", `<h1>The sign-in cannot go on</h1><p><code>${escape(message)}</code></p>`, "");
}

/** The form's answer is a redirect to the application, which browsers hold against `form-action` too. */
function html(status: number, title: string, body: string, redirectOrigin: string): WireResponse {
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self' ${redirectOrigin}; base-uri 'none'; frame-ancestors 'none'`;
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    },
    body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}, local issuer</title><style>${style}</style></head><body><main>${body}</main></body></html>`,
  };
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
