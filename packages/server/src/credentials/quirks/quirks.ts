/** Every quirk by the name that the catalogue gives it. */
import type { Provider } from '@bowline/providers/provider';
import { adobeUmapi } from './adobe.ts';
import { agiloft } from './agiloft.ts';
import { attio } from './attio.ts';
import { basecamp } from './basecamp.ts';
import { braintree } from './braintree.ts';
import { bullhorn } from './bullhorn.ts';
import { calendly } from './calendly.ts';
import { candis } from './candis.ts';
import { checkrPartner } from './checkr.ts';
import { clover } from './clover.ts';
import { coros } from './coros.ts';
import { docusign } from './docusign.ts';
import { ebay } from './ebay.ts';
import { facebook } from './facebook.ts';
import { followUpBoss } from './follow-up-boss.ts';
import { github, githubAppOauth } from './github.ts';
import { googleCalendar, googleMail } from './google.ts';
import { gusto } from './gusto.ts';
import { hubspot } from './hubspot.ts';
import { intercom } from './intercom.ts';
import { jira } from './jira.ts';
import { jobber } from './jobber.ts';
import { linear } from './linear.ts';
import { mailchimp } from './mailchimp.ts';
import { instagram, threads } from './meta-long-lived.ts';
import { microsoftAdmin } from './microsoft-admin.ts';
import { microsoftTeams, microsoftTeamsBot } from './microsoft-teams.ts';
import { onedrive } from './onedrive.ts';
import { onelogin } from './onelogin.ts';
import { procore } from './procore.ts';
import type { Quirk } from './quirk.ts';
import { revolutBusiness } from './revolut.ts';
import { ripplingShopApp } from './rippling.ts';
import { sage200 } from './sage.ts';
import { salesforce } from './salesforce.ts';
import { sellsy } from './sellsy.ts';
import { sentryOauth } from './sentry.ts';
import { shopline } from './shopline.ts';
import { slack } from './slack.ts';
import { snowflake } from './snowflake.ts';
import { sophosCentral } from './sophos.ts';
import { stripeApp } from './stripe-app.ts';
import { tiktokAccounts, tiktokAds, tiktokPersonal } from './tiktok.ts';
import { verificationOf } from './verify/verifications.ts';
import { workable } from './workable.ts';
import { workday } from './workday.ts';
import { xero } from './xero.ts';
import { zoho } from './zoho.ts';
import { zoom } from './zoom.ts';

export const quirks: Readonly<Record<string, Quirk>> = {
  adobeUmapi,
  agiloft,
  attio,
  basecamp,
  braintree,
  bullhorn,
  calendly,
  candis,
  checkrPartner,
  clover,
  coros,
  docusign,
  ebay,
  facebook,
  followUpBoss,
  github,
  githubAppOauth,
  googleCalendar,
  googleMail,
  gusto,
  hubspot,
  instagram,
  intercom,
  jira,
  jobber,
  linear,
  mailchimp,
  microsoftAdmin,
  microsoftTeams,
  microsoftTeamsBot,
  onedrive,
  onelogin,
  procore,
  revolutBusiness,
  ripplingShopApp,
  sage200,
  salesforce,
  sellsy,
  sentryOauth,
  shopline,
  slack,
  snowflake,
  sophosCentral,
  stripeApp,
  threads,
  tiktokAccounts,
  tiktokAds,
  tiktokPersonal,
  workable,
  workday,
  xero,
  zoho,
  zoom,
};

const none: Quirk = {};

/** Of a provider's token requests. */
export function quirkOf({ quirk: name }: { readonly quirk?: string | undefined }): Quirk {
  return (name === undefined ? undefined : quirks[name]) ?? none;
}

export const afterConnectOf = ({ post_connection_script: name }: Provider) => (name === undefined ? undefined : quirks[name]?.afterConnect);
export const beforeDeleteOf = ({ pre_connection_deletion_script: name }: Provider) =>
  name === undefined ? undefined : quirks[name]?.beforeDelete;

/** One line for each quirk that a provider names and nobody has written. */
export function missingQuirks(providers: readonly Provider[]): string[] {
  return providers.flatMap((provider) => unknownQuirks(provider).map(({ path, message }) => `${provider.name}: ${path}: ${message}`));
}

/** By the key that names it. */
export function unknownQuirks(provider: Provider): { readonly path: string; readonly message: string }[] {
  const wrong = (path: string, name: string | undefined, isThere: boolean) =>
    name === undefined || isThere ? [] : [{ path, message: `there is no quirk "${name}" for this` }];
  const named = 'quirk' in provider ? provider.quirk : undefined;
  return [
    ...wrong('quirk', named, named !== undefined && Object.hasOwn(quirks, named)),
    ...wrong('post_connection_script', provider.post_connection_script, afterConnectOf(provider) !== undefined),
    ...wrong('credentials_verification_script', provider.credentials_verification_script, verificationOf(provider) !== undefined),
    ...wrong('pre_connection_deletion_script', provider.pre_connection_deletion_script, beforeDeleteOf(provider) !== undefined),
  ];
}
