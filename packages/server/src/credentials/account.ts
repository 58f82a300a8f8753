/**
 * The account at the provider that a grant belongs to, where the provider's file says (`account: token.team.id`) or an OpenID token does.
 * A reconnect may demand the same one. Pure.
 */
import { readClaims } from './claims.ts';
import { digText } from './dig.ts';
import type { TokenAnswer } from './token.ts';

type Naming = { readonly account?: string | undefined };
type Known = { readonly answer: TokenAnswer; readonly connectionConfig: Readonly<Record<string, unknown>> };

/** To be spread into what is granted. */
export function accountIn(provider: Naming, known: Known): { account?: string } {
  const account = accountOf(provider, known);
  return account === undefined ? {} : { account };
}

function accountOf(provider: Naming, { answer, connectionConfig }: Known): string | undefined {
  const idToken = readClaims(answer.id_token);
  if (provider.account === undefined) return digText(idToken, 'sub');
  const [root = ''] = provider.account.split('.', 1);
  const path = provider.account.slice(root.length + 1);
  const from = { token: answer, id_token: idToken, access_token: readClaims(answer.access_token), config: connectionConfig }[root];
  return digText(from, path);
}
