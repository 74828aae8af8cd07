/** Style and script of the console, under names that change with their content, so that browsers may keep them. */
import { createHash } from "node:crypto";
import { brotliCompressSync } from "node:zlib";
import { app, type HttpResponseInit } from "@azure/functions";
import { script } from "../../../shared/view/assets/script.ts";
import { style } from "../../../shared/view/assets/style.ts";

const base = "/api/console/assets";

function named(text: string, extension: string): string {
  return `${createHash("sha256").update(text).digest("hex").slice(0, 16)}.${extension}`;
}

interface File {
  readonly type: string;
  readonly text: string;
  /** Made once, at the first question: nothing in it is anybody's secret, so it may be compressed; pages are not. */
  small?: Uint8Array;
}

const files: Readonly<Record<string, File>> = {
  [named(style, "css")]: { type: "text/css; charset=utf-8", text: style },
  [named(script, "js")]: { type: "text/javascript; charset=utf-8", text: script },
};

export const styleUrl = `${base}/${named(style, "css")}`;
export const scriptUrl = `${base}/${named(script, "js")}`;

/** They say nothing of anybody, so the sign-in pages may have them too. */
app.http("consoleAssets", {
  methods: ["GET"],
  route: "console/assets/{file}",
  authLevel: "anonymous",
  handler: (request): HttpResponseInit => {
    const name = request.params["file"] ?? "";
    const file = Object.hasOwn(files, name) ? files[name] : undefined;
    // After an update a page of the version before may still ask; it is loaded again without harm.
    if (file === undefined) return { status: 404, headers: { "Cache-Control": "no-store" } };
    const headers = {
      "Content-Type": file.type,
      "Cache-Control": "public, max-age=31536000, immutable",
      Vary: "Accept-Encoding",
      "X-Content-Type-Options": "nosniff",
      "Cross-Origin-Resource-Policy": "same-origin",
    };
    if (!/\bbr\b/.test(request.headers.get("accept-encoding") ?? "")) return { status: 200, headers, body: file.text };
    file.small ??= brotliCompressSync(file.text);
    return { status: 200, headers: { ...headers, "Content-Encoding": "br" }, body: file.small };
  },
});
