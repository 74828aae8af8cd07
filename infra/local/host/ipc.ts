/** The IPC channel of a child process as a {@link Channel}, from either end. */
import type { ChildProcess } from "node:child_process";
import type { Channel } from "./link.ts";

/** The host's end. */
export interface HostChannel extends Channel {
  /** Resolves when everything sent so far has left the process. */
  flush(): Promise<void>;
}

/** @throws Error when this process has no channel, that is, was not started by a platform. */
export function hostChannel(): HostChannel {
  if (process.send === undefined) {
    throw new Error("this process has no IPC channel: a host is started by the platform (npm start), not by hand");
  }
  let unsent = 0;
  let whenSent: (() => void)[] = [];
  return {
    send: (message) => {
      if (!process.connected) return;
      unsent += 1;
      process.send?.(message, undefined, undefined, () => {
        unsent -= 1;
        if (unsent > 0) return;
        for (const resolve of whenSent) resolve();
        whenSent = [];
      });
    },
    onMessage: (listener) => process.on("message", listener),
    onClose: (listener) => process.on("disconnect", listener),
    flush: () => (unsent === 0 ? Promise.resolve() : new Promise((resolve) => whenSent.push(resolve))),
  };
}

/** The platform's end. What is sent to a host that is just ending is lost; `onClose` tells. */
export function childChannel(child: ChildProcess): Channel {
  return {
    send: (message) => {
      if (child.connected) child.send(message as object, undefined, undefined, () => undefined);
    },
    onMessage: (listener) => child.on("message", listener),
    onClose: (listener) => child.on("disconnect", listener),
  };
}
