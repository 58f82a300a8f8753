/** `@bowline/browser`: the client, its error, the connect page, and the types of what goes in and out. */
export { AuthError, type AuthErrorType } from './auth-error.ts';
export { Bowline, Bowline as Nango } from './client.ts';
export { ConnectUI, type ConnectUIEvent, type ConnectUIProps } from './connect-ui.ts';
export type { AuthOptions, AuthResult, AuthSuccess, BowlineOptions, Credentials } from './options.ts';
export type { AuthorizationModal } from './popup.ts';
