/** The error an author throws to fail with a payload. A type here: functions make it from the instance, `new nango.ActionError(...)`. */

/** A failure with a payload the caller of the action receives; `type` is always `action_script_runtime_error`. */
export interface ActionError<Payload = unknown> extends Error {
  type: string;
  payload?: Payload;
}

/** `throw new nango.ActionError({ message: 'No such repository', repo })`. Text and lists are wrapped as `{ message: payload }`. */
export interface ActionErrorConstructor {
  new <Payload = unknown>(payload?: Payload): ActionError<Payload>;
}
