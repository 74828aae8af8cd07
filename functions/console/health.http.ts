import { app } from "@azure/functions";
import { edge } from "../edgeContext.ts";

/** Answers 200 when the store can be read; open to everybody, tells nothing else. */
app.http("health", {
  methods: ["GET"],
  route: "health",
  authLevel: "anonymous",
  handler: async () => {
    try {
      await edge.store.read("config", "config", "current");
      return { status: 200, jsonBody: { status: "ready" } };
    } catch (error) {
      edge.log("the store cannot be read", { error: String(error) });
      return { status: 503, jsonBody: { status: "unavailable" } };
    }
  },
});
