/** Problem: the one expected error. Anything else that is thrown is a bug and answers 500. */
import { type ProblemCode, problems } from './problems.ts';

/** One thing that is wrong with the input; `path` leads to it, every element a string. `line` and `column` count from 1, in a text that was sent. */
export type Issue = { code: string; message: string; path: string[]; line?: number; column?: number };

export type ProblemDetails = {
  /** What happened here and what to do next. Without it the table's title is used. */
  message?: string | undefined;
  payload?: unknown;
  errors?: Issue[];
  /** The provider's own answer, for `script_http_error`. */
  upstream?: { status: number; headers: Record<string, string>; body: unknown };
  /** Instead of the table's, where no route is there to word it. */
  status?: number;
  /** The request that was refused, where the wire names it beside the code. */
  at?: { method: string; path: string };
};

export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, details: ProblemDetails = {}, options?: ErrorOptions) {
    super(details.message ?? problems[code].title, options);
    this.code = code;
    this.details = details;
  }
}

/** `throw problem('unknown_connection', { message: … })` */
export function problem(code: ProblemCode, details: ProblemDetails = {}, options?: ErrorOptions): Problem {
  return new Problem(code, details, options);
}
