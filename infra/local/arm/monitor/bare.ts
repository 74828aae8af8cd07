/** Errors of Microsoft.Insights: `{code, message}` without the `error` around it, as recorded. ARM's own keep theirs. */
import type { Serve } from "../call.ts";
import { ArmRefusal } from "../errors.ts";

export class BareRefusal extends ArmRefusal {
  override body(): object {
    return { code: this.code, message: this.message };
  }
}

/** What the provider refuses gets the provider's shape. */
export function bare(serve: Serve): Serve {
  return (core, call) => {
    try {
      return serve(core, call);
    } catch (error) {
      // 403 is ARM's own, also when it is about a linked resource.
      if (!(error instanceof ArmRefusal) || error instanceof BareRefusal || error.status === 403) throw error;
      throw new BareRefusal(error.status, error.code, error.message, error.headers);
    }
  };
}
