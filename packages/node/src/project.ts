/** What a project's models and actions look like, for `new Bowline<Project>()`. Types only. */
import type { Untyped } from './reply.ts';
import type { CallOptions } from './settings.ts';

/**
 * The shape of the type argument of `Bowline`.
 *
 * @example
 * type MyProject = {
 *   models: { GithubIssue: { id: string; title: string } };
 *   actions: { 'create-issue': { input: { title: string }; output: { id: string } } };
 * };
 * const client = new Bowline<MyProject>({ secretKey });
 */
export type Project = {
  models?: { [name: string]: object };
  actions?: { [name: string]: { input?: unknown; output?: unknown } };
};

type Models<P> = P extends { models: infer M extends object } ? M : Record<never, never>;
type Actions<P> = P extends { actions: infer A extends object } ? A : Record<never, never>;

/**
 * The names of the project's models; `never` when it says nothing about them.
 *
 * @example
 * import type { ModelName } from '@bowline/node';
 * type Mine = { models: { GithubIssue: { id: string; title: string } } };
 * const model: ModelName<Mine> = 'GithubIssue';
 */
export type ModelName<P> = keyof Models<P> & string;
export type ModelOf<P, Name extends ModelName<P>> = Models<P>[Name] extends infer Model extends object ? Model : never;
/** Without a type of its own a record is known only when the project names no models. */
export type UntypedModel<P> = [ModelName<P>] extends [never] ? { [field: string]: Untyped } : never;
/** A model that a call may name: any, once the call brings the record's type. */
export type FreeModel<P, T> = [T] extends [never] ? ModelName<P> : string;

/**
 * The names of the project's actions; `never` when it says nothing about them.
 *
 * @example
 * import type { ActionName } from '@bowline/node';
 * type Mine = { actions: { 'create-issue': { input: { title: string }; output: { id: string } } } };
 * const action: ActionName<Mine> = 'create-issue';
 */
export type ActionName<P> = keyof Actions<P> & string;
type Part<P, Name extends ActionName<P>, Key extends string> = Actions<P>[Name] extends { [_ in Key]?: infer T } ? T : unknown;
export type ActionInput<P, Name extends ActionName<P>> = Part<P, Name, 'input'>;
export type ActionOutput<P, Name extends ActionName<P>> = Part<P, Name, 'output'>;
/** The input as an argument, which may be left out when the action takes none. */
export type InputArgument<P, Name extends ActionName<P>> =
  undefined extends ActionInput<P, Name>
    ? [input?: ActionInput<P, Name>, options?: CallOptions]
    : [input: ActionInput<P, Name>, options?: CallOptions];
