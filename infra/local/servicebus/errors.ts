/** What the broker refuses, in the words of the service's clients (`ServiceBusError.code`). */
export type BrokerErrorCode =
  | "MessagingEntityNotFound"
  | "MessageLockLost"
  | "MessageNotFound"
  | "MessageSizeExceeded"
  | "QuotaExceeded"
  | "UnauthorizedAccess"
  /** A value that the service would refuse as well. */
  | "ArgumentError"
  /** Not allowed on this entity, by the service as well. */
  | "InvalidOperation"
  /** The service does it, this engine doesn't. */
  | "NotImplemented";

export class BrokerError extends Error {
  readonly code: BrokerErrorCode;

  constructor(code: BrokerErrorCode, message: string) {
    super(message);
    this.name = "BrokerError";
    this.code = code;
  }
}
