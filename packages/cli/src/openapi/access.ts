/** From a declared way in to the keys of its auth mode. Pure; what a document cannot know becomes something to check. */
import { type Dict, dict, text } from './document.ts';
import type { Notes } from './notes.ts';
import { formsOf, type Kind, type Scheme } from './schemes.ts';
import {
  type Address,
  type DraftField,
  type Fields,
  fieldName,
  fillVariables,
  hostEnd,
  isAddress,
  isHost,
  isTemplate,
  patternAt,
  shorten,
  titleOf,
  urlPattern,
} from './servers.ts';

/** Parts of the file, to be merged with those of the address. */
export type Access = {
  readonly mode: string;
  readonly keys: Dict;
  readonly credentials?: Fields;
  readonly connectionConfig?: Fields;
  readonly integrationConfig?: Fields;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
};
type Context = { readonly address: Address; readonly product: string; readonly notes: Notes; readonly scopes: readonly string[] };

/** @param context.scopes what the request of the verification needs, for a start */
export const toAccess = (scheme: Scheme, context: Context): Access => {
  const access = forms[scheme.kind](scheme, context);
  return withCompanions(access, scheme, context.notes);
};

const apiKeyTemplate = '$' + '{apiKey}';
const placeholder = (name: string): string => `\${${name}}`;

const secretField = (title: string, description: string): DraftField => ({ type: 'string', title, description, secret: true });

const keyed = (title: string, place: Pick<Access, 'headers' | 'query'>, { scheme }: Scheme, { product }: Context): Access => ({
  mode: 'API_KEY',
  keys: {},
  credentials: {
    apiKey: secretField(
      title,
      shorten(
        text(scheme.description) ??
          `The ${title.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())} that gives access to ${product}.`,
      ),
    ),
  },
  ...place,
});

const forms: Record<Kind, (scheme: Scheme, context: Context) => Access> = {
  code: (scheme, context) => {
    const { keys, fields } = oauthUrls(scheme, context, {
      authorizationUrl: 'authorization_url',
      tokenUrl: 'token_url',
      refreshUrl: 'refresh_url',
    });
    context.notes.check(
      'token_url',
      'client id and secret are sent in the body; where the vendor wants them in a header, add authorization_method: header.',
    );
    return { mode: 'OAUTH2', keys: { ...keys, ...scopesOf(scheme, context) }, ...fields };
  },
  clientCredentials: (scheme, context) => {
    const { keys, fields } = oauthUrls(scheme, context, { tokenUrl: 'token_url' });
    context.notes.check(
      'token_url',
      'client id and secret are sent in the body; where the vendor wants them in a header, add token_request_auth_method: basic.',
    );
    return {
      mode: 'OAUTH2_CC',
      keys: { ...keys, token_params: { grant_type: 'client_credentials' }, ...scopesOf(scheme, context) },
      credentials: {
        client_id: { type: 'string', title: 'Client ID', description: `The id of the client that ${context.product} issued.` },
        client_secret: secretField('Client secret', 'The secret that belongs to it.'),
      },
      ...fields,
    };
  },
  password: (scheme, context) => {
    const { keys, fields } = oauthUrls(scheme, context, { tokenUrl: 'token_url' });
    context.notes.check(
      'token_params',
      'the document offers the password grant (RFC 6749 §4.3), which many vendors no longer do. Some want a client_id here too.',
    );
    return {
      mode: 'TWO_STEP',
      keys: {
        ...keys,
        body_format: 'form',
        token_params: {
          grant_type: 'password',
          username: placeholder('credentials.username'),
          password: placeholder('credentials.password'),
        },
        token_response: { token: 'access_token', token_expiration: 'expires_in', token_expiration_strategy: 'expireIn' },
      },
      credentials: person(context.product),
      headers: { authorization: `Bearer ${placeholder('accessToken')}` },
      ...fields,
    };
  },
  implicit: (scheme, context) => {
    const { keys, fields } = oauthUrls(scheme, context, { authorizationUrl: 'authorization_url' });
    context.notes.check(
      'token_url',
      'the document has the implicit flow only, which servers cannot use. Find the vendor’s token URL, write it here and remove the field.',
    );
    return {
      mode: 'OAUTH2',
      keys: { ...keys, token_url: placeholder('integrationConfig.tokenUrl'), ...scopesOf(scheme, context) },
      ...fields,
      integrationConfig: { ...fields.integrationConfig, tokenUrl: tokenUrlField },
    };
  },
  openIdConnect: (scheme, context) => {
    const discovery = text(scheme.scheme.openIdConnectUrl);
    context.notes.check(
      'authorization_url',
      `the endpoints are in ${discovery ?? 'the vendor’s discovery document'}: \`bowline provider new\` with that address reads them. Until they are written here, the integration asks for them.`,
    );
    return {
      mode: 'OAUTH2',
      keys: {
        authorization_url: placeholder('integrationConfig.authorizationUrl'),
        token_url: placeholder('integrationConfig.tokenUrl'),
        default_scopes: ['openid', ...scheme.scopes.filter((scope) => scope !== 'openid')],
      },
      integrationConfig: {
        authorizationUrl: {
          ...tokenUrlField,
          title: 'Authorization URL',
          description: 'Where people are sent to give consent.',
          example: 'https://login.example.com/oauth2/authorize',
        },
        tokenUrl: tokenUrlField,
      },
    };
  },
  bearer: (scheme, context) => {
    if (/jwt/i.test(String(scheme.scheme.bearerFormat)))
      context.notes.check(
        'credentials.apiKey',
        'the token is a JWT. Where people get it by a login request and it expires soon, auth_mode TWO_STEP fits better than API_KEY.',
      );
    return keyed('Access token', { headers: { authorization: `Bearer ${apiKeyTemplate}` } }, scheme, context);
  },
  otherHttp: (scheme, context) =>
    keyed('API key', { headers: { authorization: `${String(scheme.scheme.scheme)} ${apiKeyTemplate}` } }, scheme, context),
  header: (scheme, context) => {
    const name = String(scheme.scheme.name).toLowerCase();
    return keyed('API key', { headers: { [name]: headerValue(name, scheme, context.notes) } }, scheme, context);
  },
  query: (scheme, context) => keyed('API key', { query: { [String(scheme.scheme.name)]: apiKeyTemplate } }, scheme, context),
  cookie: (scheme, context) => {
    context.notes.check(
      'proxy.headers.cookie',
      'the document knows only a cookie, which is usually a browser’s session and short-lived. Look for an API key.',
    );
    return keyed('Session', { headers: { cookie: `${String(scheme.scheme.name)}=${apiKeyTemplate}` } }, scheme, context);
  },
  basic: (_scheme, { product, notes }) => {
    notes.check(
      'credentials',
      'user name and password as HTTP Basic has them. Where the vendor puts an API key into one of them, rename it and give the other one a default_value and hidden: true.',
    );
    return { mode: 'BASIC', keys: {}, credentials: person(product) };
  },
};

const person = (product: string): Fields => ({
  username: { type: 'string', title: 'User name', description: `The name of a user of ${product}.` },
  password: secretField('Password', 'The password of that user.'),
});

const tokenUrlField: DraftField = {
  type: 'string',
  title: 'Token URL',
  description: 'Where codes and refresh tokens are exchanged for access tokens.',
  example: 'https://login.example.com/oauth2/token',
  pattern: urlPattern,
};

/** In the header `authorization` a key mostly has a word before it, which version 2.0 can say only in prose. */
const headerValue = (name: string, { scheme }: Scheme, notes: Notes): string => {
  if (name !== 'authorization') return apiKeyTemplate;
  const word = /\b(Bearer|Token|ApiKey|Api-Key|Key|Basic)\s+[<{[("'`$]?\w/i.exec(
    `${text(scheme.description) ?? ''} ${text(scheme['x-prefix']) ?? ''}`,
  )?.[1];
  notes.check(
    'proxy.headers.authorization',
    word === undefined
      ? 'the document does not say what stands before the key, such as Bearer or Token.'
      : `“${word}” is read from the document’s prose.`,
  );
  return word === undefined ? apiKeyTemplate : `${word} ${apiKeyTemplate}`;
};

const scopesOf = ({ flow, scopes: always }: Scheme, { scopes, notes }: Context): Dict => {
  const declared = Object.keys(dict(flow.scopes)).filter((scope) => scope.trim() !== '' && !isTemplate(scope));
  const lasting = declared.filter((scope) => /^(?:offline_access|offline|refresh_token)$/.test(scope));
  const chosen = [...new Set([...lasting, ...(always.length <= 10 ? always : []), ...scopes])].filter(
    (scope) => declared.length === 0 || declared.includes(scope),
  );
  if (declared.length > 0)
    notes.check(
      chosen.length > 0 ? 'default_scopes' : 'available_scopes',
      chosen.length > 0
        ? 'asked for where an integration names none; the fewest that the document lets one guess.'
        : 'none is asked for unless an integration names it, or default_scopes does.',
    );
  return { ...(chosen.length > 0 && { default_scopes: chosen }), ...(declared.length > 0 && { available_scopes: declared }) };
};

/** Addresses of OAuth 2 may be relative to the server, and have its variables or some of their own. */
const oauthUrls = ({ flow, kind }: Scheme, { address, notes }: Context, wanted: Readonly<Record<string, string>>) => {
  const connectionConfig: Fields = {};
  const integrationConfig: Fields = {};
  const read = (url: string): string => {
    const filled = fillVariables(url, address.variables).replace(/(?<!\$)\{([^{}]+)\}/g, (_whole, name: string) => {
      const key = fieldName(name);
      const guarded = givesClientSecret(kind) && isHost(url, name);
      (guarded ? integrationConfig : connectionConfig)[key] = address.connectionConfig[key] ?? {
        type: 'string',
        title: titleOf(name),
        description: `Part of the sign-in address: ${url}`,
        ...(url.indexOf(`{${name}}`) < hostEnd(url) && { pattern: patternAt(url, name) }),
      };
      return placeholder(`${guarded ? 'integrationConfig' : 'connectionConfig'}.${key}`);
    });
    if (/^https?:\/\//i.test(filled) || filled.startsWith('${')) return filled;
    const origin = /^https?:\/\/[^/]+/i.exec(address.baseUrl)?.[0] ?? address.baseUrl;
    return filled.startsWith('/') ? `${origin}${filled}` : `${address.baseUrl}/${filled.replace(/^\.\//, '')}`;
  };
  const keys: Record<string, string> = {};
  for (const [from, to] of Object.entries(wanted)) {
    const url = text(flow[from]);
    const filled = url === undefined || isTemplate(url) ? '' : read(url);
    if (isAddress(filled)) keys[to] = filled;
    else if (to !== 'refresh_url') {
      integrationConfig[from] =
        from === 'tokenUrl'
          ? tokenUrlField
          : { ...tokenUrlField, title: 'Authorization URL', description: 'Where people are sent to give consent.' };
      keys[to] = placeholder(`integrationConfig.${from}`);
      notes.check(to, 'the document does not name it.');
    }
  }
  if (keys.refresh_url === keys.token_url) delete keys.refresh_url;
  return { keys, fields: { connectionConfig, integrationConfig } };
};

/** Modes whose client secret is the developer's: the person who connects may not say where it is sent. */
export const givesClientSecret = (kind: Kind): boolean => kind === 'code' || kind === 'implicit' || kind === 'openIdConnect';

/** A second key belongs to the person where the first one does, and to the developer's app beside OAuth. */
const withCompanions = (access: Access, { companions }: Scheme, notes: Notes): Access => {
  const own = access.mode === 'API_KEY' || access.mode === 'BASIC' || access.mode === 'TWO_STEP';
  const root = own ? 'connectionConfig' : 'integrationConfig';
  const fields: Fields = {};
  const headers: Record<string, string> = {};
  const query: Record<string, string> = {};
  for (const { name, scheme } of companions) {
    const kind = formsOf(scheme)[0]?.kind;
    if (kind !== 'header' && kind !== 'query') {
      notes.check('auth_mode', `requests need ${name} too, which a file cannot add to this mode by itself.`);
      continue;
    }
    const key = fieldName(name);
    fields[key] = secretField(titleOf(name), shorten(text(scheme.description) ?? `Sent with every request as ${String(scheme.name)}.`));
    const value = placeholder(`${root}.${key}`);
    if (kind === 'header') headers[String(scheme.name).toLowerCase()] = value;
    else query[String(scheme.name)] = value;
  }
  return {
    ...access,
    [root]: { ...access[root], ...fields },
    headers: { ...access.headers, ...headers },
    query: { ...access.query, ...query },
  };
};
