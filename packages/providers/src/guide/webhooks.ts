/** How the vendor's webhooks are told from forged ones, and where they go. Says it when nothing is known. Pure. */
import type { WebhookFacts } from '../facts.ts';
import type { Provider } from '../provider.ts';
import type { Routing } from '../webhook-routing.ts';
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
      ...(provider.webhook_subscription
        ? [
            paragraph(
              say`Or let this server register them: switch subscriptions on at the integration, and the rest of this section is done for you.`,
            ),
          ]
        : []),
      paragraph(belonging(vendorOf(provider), provider.webhook?.routing)),
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

/** What brings a webhook to its connection: the vendor's own words, a key of metadata, or what a developer puts into the address. */
function belonging(vendor: string, { everyone, connections = [] }: Routing = {}): Line {
  if (everyone) return say`They name nobody: each is for all connections of the integration.`;
  const byHand = connections.filter(({ is }) => is.startsWith('metadata.'));
  const known = connections.some(({ is }) => !is.startsWith('metadata.'));
  const [first] = byHand;
  const metadata = (lead: string) =>
    first &&
    say`${lead} put what ${vendor} sends at ${code(placeOf(first.from))} into the metadata of the connection, as ${code(first.is.replace('metadata.', ''))}.`;
  const address = say` Or let the address end in ${code('?nangoConnectionId=')} and the id of the connection.`;
  if (known) return say`Each finds its connection by itself.${metadata(' Where that was made by hand:') ?? ''}${address}`;
  if (byHand.length > 0) return say`${metadata('So that each finds its connection,') ?? ''}${address}`;
  return say`So that each finds its connection, let the address end in ${code('?nangoConnectionId=')} and the id of the connection.`;
}

type Signed = Pick<
  WebhookFacts,
  'algorithm' | 'signature' | 'encoding' | 'signed' | 'format' | 'key' | 'key_hint' | 'timestamp' | 'timestamp_unit' | 'tolerance_seconds'
>;

function verifying(provider: Provider): Block[] {
  const { webhook } = provider;
  const vendor = vendorOf(provider);
  if (webhook === undefined) return [paragraph(say`How ${vendor} signs its webhooks, or whether it sends any, is not recorded here.`)];
  const { alternative, event, id, handshake, routing } = webhook;
  const events = (routing?.event ?? (event ? [event] : [])).filter((one) => one !== '*');
  const names: Row[] = [
    ...(events.length > 0 ? [['Name of the event', listed(events)] as const] : []),
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

const placeOf = (place: string) =>
  place.replace(/^(header|body|query|item)\./, (_, where: string) => `${where === 'item' ? 'element' : where} `);
const listed = (places: readonly string[]): Line =>
  places.flatMap((place, index) => [...(index === 0 ? [] : [', or ']), code(placeOf(place))]);

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
