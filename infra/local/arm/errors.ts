/**
 * What ARM and the resource providers answer when they refuse. Codes and wording are those observed in public recordings
 * and issues; a text that is only remembered is marked MEM and must not be matched on.
 */
import { tenantId } from "../platform/constants.ts";

/** A refusal: thrown by a handler, answered as `{error: {code, message}}`. Nothing has changed when it is thrown. */
export class ArmRefusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "ArmRefusal";
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  /** What is answered; services with an error shape of their own override it. */
  body(): object {
    return errorBody(this.code, this.message);
  }
}

export function errorBody(code: string, message: string): object {
  return { error: { code, message } };
}

export function unauthenticated(authorization: string | undefined): ArmRefusal {
  const missing = authorization === undefined;
  const message = missing
    ? "Authentication failed. The 'Authorization' header is missing."
    : "The access token is invalid: it is expired, has another audience than 'https://management.azure.com', or its signature or issuer isn't trusted.";
  return new ArmRefusal(401, missing ? "AuthenticationFailed" : "InvalidAuthenticationToken", message, {
    "www-authenticate": `Bearer authorization_uri="https://login.microsoftonline.com/${tenantId}", error="invalid_token", error_description="${message}"`,
  });
}

export function authorizationFailed(oid: string, action: string, scope: string): ArmRefusal {
  return new ArmRefusal(
    403,
    "AuthorizationFailed",
    `The client '${oid}' with object id '${oid}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

export function throttled(kind: string, subscription: string, oid: string, afterS: number): ArmRefusal {
  return new ArmRefusal(
    429,
    "SubscriptionRequestsThrottled",
    `Number of '${kind}' requests for subscription '${subscription}' actor '${oid}' exceeded. Please try again after '${afterS}' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information.`,
    { "retry-after": String(afterS) },
  );
}

export function requestConflict(accountId: string): ArmRefusal {
  return new ArmRefusal(
    409,
    "RequestConflict",
    `Another operation is being performed on the parent resource '${accountId}'. Please try again later.`,
  );
}

export function scopeLocked(id: string, operation: "delete" | "write", lockScopes: readonly string[]): ArmRefusal {
  return new ArmRefusal(
    409,
    "ScopeLocked",
    `The scope '${id}' cannot perform ${operation} operation because following scope(s) are locked: '${lockScopes.join(",")}'. Please remove the lock and try again.`,
  );
}

export function resourceNotFound(typeAndName: string, resourceGroup: string): ArmRefusal {
  return new ArmRefusal(
    404,
    "ResourceNotFound",
    `The Resource '${typeAndName}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

export function parentNotFound(operation: string, type: string, parentId: string): ArmRefusal {
  return new ArmRefusal(
    404,
    "ParentResourceNotFound",
    `Failed to perform '${operation}' on resource(s) of type '${type}', because the parent resource '${parentId}' could not be found.`,
  );
}

export function resourceGroupNotFound(name: string): ArmRefusal {
  return new ArmRefusal(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`);
}

export function subscriptionNotFound(id: string): ArmRefusal {
  return new ArmRefusal(404, "SubscriptionNotFound", `The subscription '${id}' could not be found.`);
}

/** A body, query or path that the operation doesn't take; `problem` names where and what was expected. */
export function invalidContent(problem: string): ArmRefusal {
  return new ArmRefusal(
    400,
    "InvalidRequestContent",
    `The request content was invalid and could not be deserialized: '${problem}'.`,
  );
}

export function methodNotAllowed(method: string, type: string, known: readonly string[]): ArmRefusal {
  return new ArmRefusal(
    405,
    "MethodNotAllowed",
    `The resource type '${type}' does not support the http method '${method}' here. Supported: ${known.join(", ")}.`,
    { allow: known.join(", ") },
  );
}
