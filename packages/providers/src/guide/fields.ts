/** Which values the developer sets on the integration and which the person who connects enters, with what is known of each. Pure. */
import type { Field } from '../field.ts';
import type { Provider } from '../provider.ts';
import { type Block, type GuideField, type Line, link, paragraph, prose, type Section, say } from './blocks.ts';
import { vendorOf } from './words.ts';

type Fields = Readonly<Record<string, Field>>;

export function settingsSection(provider: Provider): Section | undefined {
  const fields = asked(provider.integration_config);
  if (fields.length === 0) return undefined;
  const blocks: Block[] = [
    paragraph(say`Set once on the integration, for all connections.`),
    { kind: 'fields', fields: fields.map((named) => described(named, provider.integration_config ?? {}, provider)) },
  ];
  return { id: 'settings', title: 'What you set', blocks };
}

export function connectSection(provider: Provider): Section {
  const groups = [
    provider.connection_config,
    credentialsOf(provider),
    'assertion_option' in provider ? provider.assertion_option : undefined,
  ];
  const fields = groups.flatMap((group) => asked(group).map((named) => described(named, group ?? {}, provider)));
  const told = groups.flatMap((group) => Object.entries(group ?? {}).filter(([, field]) => field.automated && field.title));
  const where = provider.docs_connect ? [paragraph(say`Where to find it: ${link(`the vendor's page`, provider.docs_connect)}.`)] : [];
  const blocks: Block[] =
    fields.length > 0 ? [...where, { kind: 'fields', fields }] : [paragraph(say`Nothing to type: ${actOf(provider)}`), ...where];
  if (told.length > 0) {
    blocks.push(paragraph(say`Learned while connecting and kept in the connection's configuration:`), {
      kind: 'list',
      items: told.map(([name, { title, description }]) => [{ code: name }, ` – ${description || title}`]),
    });
  }
  return { id: 'connect', title: 'What your users enter', blocks };
}

/** What a person does who connects without a form. */
function actOf(provider: Provider): string {
  const vendor = vendorOf(provider);
  switch (provider.auth_mode) {
    case 'APP':
    case 'CUSTOM':
      return `they install your app at ${vendor}.`;
    case 'INSTALL_PLUGIN':
      return `they install your plugin at ${vendor}.`;
    case 'NONE':
      return 'they click Connect.';
    default:
      return `they sign in at ${vendor} and consent.`;
  }
}

const own = (title: string, description: string, secret: boolean): Field => ({
  type: 'string',
  title,
  description,
  automated: false,
  secret,
});
/** What modes ask for where a file declares no fields. */
const modeFields: Partial<Record<Provider['auth_mode'], Fields>> = {
  BASIC: { username: own('User name', '', false), password: own('Password', '', true) },
  OAUTH2_CC: { client_id: own('Client ID', '', false), client_secret: own('Client secret', '', true) },
};

function credentialsOf(provider: Provider): Fields {
  return provider.credentials ?? modeFields[provider.auth_mode] ?? {};
}

type Named = readonly [name: string, field: Field];

function asked(fields: Fields | undefined): Named[] {
  return Object.entries(fields ?? {})
    .filter(([, field]) => !field.automated && !field.hidden)
    .map((named, index) => ({ named, rank: named[1].order ?? index }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ named }) => named);
}

function described([name, field]: Named, group: Fields, provider: Provider): GuideField {
  const { title, example, optional, default_value: preset, secret = false } = field;
  const form = formOf(field);
  return {
    title: title || name,
    name,
    about: [...prose(field.description), ...whereIs(field, provider), ...onlyWhen(field, group)],
    ...(example ? { example } : {}),
    ...(form ? { form } : {}),
    optional: Boolean(optional) || preset !== undefined,
    secret,
  };
}

function whereIs({ doc_section: section }: Field, { docs_connect: page }: Provider): Line {
  return section && page ? [' ', link('Where to find it', page + section)] : [];
}

function onlyWhen({ visible_when: when }: Field, group: Fields): Line {
  return when ? say` Asked only when ${group[when.field]?.title ?? when.field} is ${{ code: when.equals }}.` : [];
}

const formats = { hostname: 'a host name', uri: 'an http or https URL', uuid: 'a UUID', email: 'an e-mail address' };

function formOf({ enum: choices, format, prefix = '', suffix = '', example, default_value: preset }: Field): string | undefined {
  const around = suffix !== '' || !/^(?:https?:\/\/)?$/.test(prefix);
  const parts = [
    choices ? `one of ${choices.map((choice) => `“${choice}”`).join(', ')}` : format && formats[format],
    around ? `stands in ${prefix}${example ?? '…'}${suffix}` : undefined,
    preset ? `“${preset}” when left out` : undefined,
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join('; ') : undefined;
}
