/**
 * Auth mode AWS_SIGV4: the person makes a role that trusts the developer's account under an external id; we assume it and sign
 * requests with its temporary credentials. What the trust rests on (role, external id, region, service) stays in the configuration.
 */

import { awsHeaders } from '@bowline/providers/aws-signature';
import type { Field } from '@bowline/providers/field';
import { z } from 'zod';
import type { IntegrationAccess } from './access.ts';
import { type AuthMode, type AuthWorld, always, asksWithForm, type ConnectionConfig, declaredFields, type Granted } from './auth-mode.ts';
import { awsConfig } from './aws-config.ts';
import { assumeRole, callerOf, type Role } from './aws-sts.ts';
import { CredentialsError } from './failure.ts';
import { readForm } from './form.ts';

const regionPattern = /^[a-z0-9-]{1,64}$/;
const form = z.strictObject({
  role_arn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,1024}$/,
      'is not the ARN of a role, such as arn:aws:iam::123456789012:role/name',
    ),
  region: z.string().regex(regionPattern, 'is not a region, such as eu-central-1').optional(),
});
const roleArn: Field = {
  type: 'string',
  title: 'Role ARN',
  description: 'Of the role that you made for this connection, in the IAM console.',
  automated: false,
};

export const awsSigV4: AuthMode = {
  fields: (provider) => {
    const declared = declaredFields(provider);
    return { ...declared, credentials: { role_arn: roleArn, ...declared.credentials } };
  },
  start: asksWithForm,

  finish: async (world, { integration, connectionConfig, previous = {}, answer }) => {
    const given = readForm(form, answer);
    const role: Role = {
      arn: given.role_arn,
      region: regionOf([previous.region, given.region, connectionConfig.region, awsConfig(integration).defaultRegion]),
      externalId: externalIdOf(previous.external_id, connectionConfig.external_id) ?? world.random.uuid(),
    };
    const granted = await grant(world, integration, connectionConfig, role);
    await checkCaller(world, integration, granted, role);
    return granted;
  },

  refresh: async (world, { integration, connectionConfig, credentials }) => {
    if (credentials.type !== 'AWS_SIGV4') throw new TypeError(`cannot renew ${credentials.type ?? 'no'} credentials at AWS`);
    const stored = (name: 'role_arn' | 'region' | 'external_id') => {
      const value = connectionConfig[name];
      return typeof value === 'string' && value !== '' ? value : credentials[name];
    };
    const role = { arn: stored('role_arn'), region: regionOf([stored('region')]), externalId: stored('external_id') };
    return grant(world, integration, connectionConfig, role);
  },

  renews: always,
  apply: () => ({ headers: {}, query: {} }),

  sign: ({ clock }, { credentials }, request) => {
    if (credentials.type !== 'AWS_SIGV4') return {};
    const { access_key_id: accessKeyId, secret_access_key: secretAccessKey, session_token: sessionToken, service, region } = credentials;
    return awsHeaders(request, { accessKeyId, secretAccessKey, sessionToken }, { service, region }, clock.now());
  },
  // S3 alone takes a body that is not hashed.
  signsBody: ({ credentials }) => credentials.type === 'AWS_SIGV4' && credentials.service !== 's3',
};

async function grant(world: AuthWorld, integration: IntegrationAccess, connectionConfig: ConnectionConfig, role: Role): Promise<Granted> {
  const config = awsConfig(integration);
  const keys = await assumeRole(world, config, role);
  const names = { role_arn: role.arn, region: role.region, service: config.service, external_id: role.externalId };
  const raw = {
    access_key_id: keys.accessKeyId,
    secret_access_key: keys.secretAccessKey,
    session_token: keys.sessionToken,
    expires_at: keys.expiresAt.toISOString(),
  };
  return { credentials: { type: 'AWS_SIGV4', ...names, ...raw, raw }, connectionConfig: { ...connectionConfig, ...names } };
}

/** The credentials work, and are of this role: a service of the developer's might have given those of another. */
async function checkCaller(world: AuthWorld, integration: IntegrationAccess, { credentials }: Granted, role: Role): Promise<void> {
  if (credentials.type !== 'AWS_SIGV4') return;
  const caller = await callerOf(world, awsConfig(integration), role.region, {
    accessKeyId: credentials.access_key_id,
    secretAccessKey: credentials.secret_access_key,
    sessionToken: credentials.session_token,
    expiresAt: new Date(credentials.expires_at ?? 0),
  });
  const [, account, name] = /^arn:[^:]*:sts::(\d+):assumed-role\/([^/]+)\//.exec(caller ?? '') ?? [];
  const [, wanted, path] = /^arn:[^:]*:iam::(\d+):role\/(.+)$/.exec(role.arn) ?? [];
  if (caller !== undefined && (account !== wanted || name !== path?.split('/').at(-1))) {
    throw new CredentialsError('token_err', 'the credentials that came back are those of another role');
  }
}

function regionOf(candidates: readonly unknown[]): string {
  const region = candidates.find((one): one is string => typeof one === 'string' && one !== '');
  if (region === undefined)
    throw new CredentialsError('invalid_body', 'region is required: neither the connection nor the integration names one', {
      path: ['params', 'region'],
    });
  // It becomes part of a host name.
  if (!regionPattern.test(region))
    throw new CredentialsError('invalid_body', 'this is not a region, such as eu-central-1', { path: ['params', 'region'] });
  return region;
}

/** Once chosen it stays: the role's trust names it. A person may bring only a random one, never that of somebody else's role. */
function externalIdOf(previous: unknown, given: unknown): string | undefined {
  if (typeof previous === 'string' && /^[\w+=,.@:/-]{2,1224}$/.test(previous)) return previous;
  return typeof given === 'string' && z.uuid().safeParse(given).success ? given : undefined;
}
