/** How the vendor's webhooks are told from forged ones, and where they go. Says it when nothing is known. Pure. */
import type { WebhookFacts } from '../facts.ts';
import type { Provider } from '../provider.ts';
import { type Block, code, type Line, note, paragraph, prose, type Section, say } from './blocks.ts';
import type { GuidePlace } from './place.ts';
import { lasting, vendorOf } from './words.ts';

export function webhooksSection(provider: Provider, { webhookUrl }: GuidePlace): Section | undefined {
  // Of whatever server or API somebody names there is nothing to say.
  if (provider.webhook === undefined && webhookUrl === null && /^(?:your own|the) /.test(vendorOf(provider))) return undefined;
  return { id: 'webhooks', title: 'Webhooks', blocks: [...receiving(provider, webhookUrl), ...verifying(provider)] };
}

function receiving(provider: Provider, webhookUrl: string | null): Block[] {
  if (webhookUrl !== null) {
    return [
      paragraph(say`Register this address at ${vendorOf(provider)}. What does not verify is refused.`),
      { kind: 'value', label: 'Webhook URL', value: webhookUrl },
    ];
  }
  const signs = provider.webhook !== undefined && provider.webhook.algorithm !== 'none';
  return signs
    ? [
        paragraph(
          say`There is no address for them at this server: ${vendorOf(provider)} sends them to your app, which tells them from forged ones like this.`,
        ),
      ]
    : [];
}

type Signed = Pick<
  WebhookFacts,
  'algorithm' | 'signature' | 'encoding' | 'signed' | 'format' | 'key' | 'key_hint' | 'timestamp' | 'timestamp_unit' | 'tolerance_seconds'
>;

function verifying(provider: Provider): Block[] {
  const { webhook } = provider;
  const vendor = vendorOf(provider);
  if (webhook === undefined) return [paragraph(say`How ${vendor} signs its webhooks, or whether it sends any, is not recorded here.`)];
  const { alternative, event, id, handshake } = webhook;
  const names: Row[] = [
    ...(event ? [['Name of the event', [code(placeOf(event))]] as const] : []),
    ...(id ? [['Tells one delivery from another', [code(placeOf(id))]] as const] : []),
  ];
  return [
    ...(webhook.algorithm === 'none' ? [unsigned(vendor)] : []),
    ...facts([...signing(webhook), ...names]),
    ...(handshake
      ? [
          paragraph(
            say`Before it sends anything it asks, with ${code(placeOf(handshake.when))}. ${handshake.kept ? 'What it tells then is handed on, so that you can enter it.' : 'The webhook URL answers that.'}`,
          ),
        ]
      : []),
    ...(alternative
      ? [paragraph(say`There is a second way, ${prose(decapitalised(alternative.when))}:`), ...facts(signing(alternative))]
      : []),
  ];
}

type Row = readonly [name: string, line: Line];

const unsigned = (vendor: string) =>
  note(
    say`${vendor} does not sign its webhooks. Anybody who knows the address can send one: treat it as a hint, and ask the API what is true.`,
  );

function signing(signed: Signed): Row[] {
  const { algorithm, signature, encoding, signed: text, format, key, key_hint: hint, timestamp, timestamp_unit: unit } = signed;
  if (algorithm === 'none') return [];
  const place =
    signature && say`${code(placeOf(signature))}${encoding ? `, in ${encoding}` : ''}${format ? say`, written as ${code(format)}` : ''}`;
  const whose = key ? say`${keys[key]}${hint ? say`. ${prose(hint)}` : ''}` : hint && prose(hint);
  return [
    ['Method', [algorithms[algorithm]]],
    ...(place ? [['Where it stands', place] as const] : []),
    ...(text ? [['What is signed', [code(text)]] as const] : []),
    ...(whose ? [['Key', whose] as const] : []),
    ...(timestamp ? [['Time', say`${code(placeOf(timestamp))}${unit ? `, ${units[unit]}` : ''}`] as const] : []),
    ...(signed.tolerance_seconds ? [['Refuse when older than', [lasting(signed.tolerance_seconds * 1000)]] as const] : []),
  ];
}

const facts = (rows: readonly Row[]): Block[] =>
  rows.length === 0 ? [] : [{ kind: 'table', rows: rows.map(([name, line]) => [[name], line]) }];

/** A sentence as the middle of another one. */
const decapitalised = (text: string) => text.replace(/\.$/, '').replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());

const placeOf = (place: string) => place.replace(/^(header|body|query)\./, '$1 ');

const algorithms: Record<WebhookFacts['algorithm'], string> = {
  'hmac-sha256': 'HMAC with SHA-256',
  'hmac-sha1': 'HMAC with SHA-1',
  'hmac-sha512': 'HMAC with SHA-512',
  sha1: 'SHA-1 over text and key',
  sha256: 'SHA-256 over text and key',
  'rsa-sha256': 'RSA signature with SHA-256',
  'ecdsa-sha256': 'ECDSA signature with SHA-256',
  ed25519: 'Ed25519 signature',
  'jwt-rs256': 'a JWT signed with RS256',
  'jwt-es256': 'a JWT signed with ES256',
  'jwt-hs256': 'a JWT signed with HS256',
  'shared-token': 'a token that both sides know; the content is not signed',
  basic: 'a user name and a password (Basic); the content is not signed',
  none: 'none',
};
const keys: Record<NonNullable<WebhookFacts['key']>, string> = {
  webhook_secret: 'the secret of the webhook',
  client_secret: 'the client secret of the app',
  api_key: 'the API key of the connection',
  public_key: "the vendor's public key",
  subscription: 'one that comes with each subscription',
};
const units = { seconds: 'seconds since 1970', milliseconds: 'milliseconds since 1970', iso8601: 'a date and time (ISO 8601)' };
