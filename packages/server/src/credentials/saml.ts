/** A SAML 2.0 bearer assertion (RFC 7522 §3) as base64. Signed, where there is a key, with an enveloped signature by RSA and SHA-256. */
import { SignedXml } from 'xml-crypto';
import { CredentialsError } from './failure.ts';
import type { Nested } from './params.ts';
import { privateKeyOf, tidyPem } from './signing-key.ts';
import { writeXml } from './xml.ts';

export type SamlAssertion = {
  readonly id: string;
  readonly issued: Date;
  readonly lifetimeSeconds: number;
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly recipient?: string | undefined;
  readonly inResponseTo?: string | undefined;
  readonly sessionIndex?: string | undefined;
  readonly nameIdentifier?: string | undefined;
  readonly nameIdentifierFormat?: string | undefined;
  readonly authnContextClassRef?: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
  /** PEM. */
  readonly key?: string | undefined;
  readonly cert?: string | undefined;
};

/** Clocks of two parties differ by some seconds. */
const skewMs = 60_000;
const names = {
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  bearer: 'urn:oasis:names:tc:SAML:2.0:cm:bearer',
  anyFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  basicFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
  anyContext: 'urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified',
};
const algorithms = {
  exclusive: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  enveloped: 'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  rsaSha256: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
};

/** @throws CredentialsError when the key or the certificate cannot be read */
export function samlAssertion(wanted: SamlAssertion): string {
  const xml = written(wanted);
  return Buffer.from(wanted.key ? signed(xml, wanted.key, wanted.cert) : xml, 'utf8').toString('base64');
}

function written(wanted: SamlAssertion): string {
  const at = (ms: number) => new Date(wanted.issued.getTime() + ms).toISOString();
  const ends = at(wanted.lifetimeSeconds * 1000);
  const attributes = Object.entries(wanted.attributes).map(([name, value]) => ({
    $Name: name,
    $NameFormat: names.basicFormat,
    'saml:AttributeValue': { '$xsi:type': 'xs:string', ...text(value) },
  }));
  const assertion: Record<string, Nested> = {
    '$xmlns:saml': names.assertion,
    '$xmlns:xs': 'http://www.w3.org/2001/XMLSchema',
    '$xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
    $ID: wanted.id,
    $IssueInstant: at(0),
    $Version: '2.0',
    'saml:Issuer': wanted.issuer,
    'saml:Subject': {
      ...(wanted.nameIdentifier === undefined
        ? {}
        : { 'saml:NameID': { $Format: wanted.nameIdentifierFormat ?? names.anyFormat, ...text(wanted.nameIdentifier) } }),
      'saml:SubjectConfirmation': {
        $Method: names.bearer,
        'saml:SubjectConfirmationData': {
          $NotOnOrAfter: ends,
          ...(wanted.recipient === undefined ? {} : { $Recipient: wanted.recipient }),
          ...(wanted.inResponseTo === undefined ? {} : { $InResponseTo: wanted.inResponseTo }),
        },
      },
    },
    'saml:Conditions': {
      $NotBefore: at(-skewMs),
      $NotOnOrAfter: ends,
      ...(wanted.audiences.length === 0 ? {} : { 'saml:AudienceRestriction': { 'saml:Audience': wanted.audiences } }),
    },
    'saml:AuthnStatement': {
      $AuthnInstant: at(0),
      ...(wanted.sessionIndex === undefined ? {} : { $SessionIndex: wanted.sessionIndex }),
      'saml:AuthnContext': { 'saml:AuthnContextClassRef': wanted.authnContextClassRef ?? names.anyContext },
    },
    ...(attributes.length === 0 ? {} : { 'saml:AttributeStatement': { 'saml:Attribute': attributes } }),
  };
  return writeXml({ 'saml:Assertion': assertion });
}

const text = (value: string) => ({ '#text': value });

/** The signature comes right after the issuer: the schema of SAML puts it there. */
function signed(xml: string, key: string, cert: string | undefined): string {
  const privateKey = privateKeyOf(key).export({ type: 'pkcs8', format: 'pem' });
  const signature = new SignedXml({
    privateKey,
    ...(cert ? { publicCert: certificate(cert) } : {}),
    signatureAlgorithm: algorithms.rsaSha256,
    canonicalizationAlgorithm: algorithms.exclusive,
  });
  signature.addReference({
    xpath: "/*[local-name(.)='Assertion']",
    digestAlgorithm: algorithms.sha256,
    transforms: [algorithms.enveloped, algorithms.exclusive],
  });
  try {
    signature.computeSignature(xml, { location: { reference: "/*/*[local-name(.)='Issuer']", action: 'after' } });
  } catch {
    throw new CredentialsError(
      'invalid_body',
      'the assertion cannot be signed with this key; it wants an RSA key and its certificate in PEM',
    );
  }
  return signature.getSignedXml();
}

function certificate(cert: string): string {
  const tidy = tidyPem(cert);
  return tidy.includes('-----BEGIN') ? tidy : tidyPem(`-----BEGIN CERTIFICATE-----${cert}-----END CERTIFICATE-----`);
}
