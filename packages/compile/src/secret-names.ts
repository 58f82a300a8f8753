/** What is a secret: by the name of where it stands, and by its shape. Pure. */

/** Names that hold secrets, without their separators and capitals. */
const secret =
  /(?:access|refresh|id|auth|bearer|session|api|security|user|bot|csrf|xsrf|device|private|personal|oauth|subscription)token$|(?:access|api|secret|private|signing|subscription|account|consumer|master|encryption)key$|secret$|secretkey|password$|passwd$|passphrase$|^pwd$|^token$|^authorization$|^proxyauthorization$|cookie$|signature$|^sig$|^jwt$|^xapikey$|^xauthtoken$|credential$|assertion$|^authcode$|^otp$/;
/** Places in a list, not secrets, though they may be called tokens. */
const place = /(?:page|next|prev|previous|sync|continuation|delta|cursor|resume|paging|change|start)(?:key|token)$/;

export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return secret.test(plain) && !place.test(plain);
}

/** Queries in a text, also in the middle of it: of each secret parameter its name and its value as it is written. */
export function secretParameters(text: string, isSecret = isSecretName): [string, string][] {
  return [...text.matchAll(/(?:^|[?&;])([\w.[\]-]{2,64})=([^&\s"'<>#;]+)/g)].flatMap(([, name = '', value = '']): [string, string][] =>
    isSecret(name) ? [[name, value]] : [],
  );
}

/** `"name": "value"`, `name="value"` and `<name>value</name>` in a text: what no parser here reads. Bounded, so that no text takes long. */
const named =
  /("([\w.-]{2,64})"\s{0,8}:\s{0,8}"|\b([\w.-]{2,64})="|<(?:[\w-]{1,32}:)?([\w.-]{2,64})(?:\s[^<>]{0,200})?>)([^"<>\\]{1,4096})/g;

/** @param by what stands in the place of a value, by its name; it may be the value itself */
export function replaceNamed(text: string, by: (value: string, name: string) => string): string {
  if (!/["<]/.test(text)) return text;
  return text.replace(
    named,
    (_all, lead: string, json?: string, attribute?: string, element?: string, value = '') =>
      `${lead}${by(value, json ?? attribute ?? element ?? '')}`,
  );
}

/** An address for people to read: what is secret in its query is left out. */
export const withoutSecrets = (address: string): string =>
  secretParameters(address).reduce((text, [name, value]) => text.replace(`${name}=${value}`, `${name}=…`), address);
