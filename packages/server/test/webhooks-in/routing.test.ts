/**
 * Whom a webhook is for, by the catalogue's own entry: what functions subscribe to, and what of a connection has that name. Bodies are cut down from the
 * vendors' documentation to what names something.
 */
import { createHash } from 'node:crypto';
import { loadCatalogue } from '@bowline/providers/catalogue';
import { expect, test } from 'vitest';
import { readWebhook, routeWebhook } from '../../src/webhooks-in/routing/route.ts';

type Case = {
  readonly provider: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** For each event its names, and whom it names: `what=value`; `*`: all connections. */
  readonly events: readonly (readonly [names: readonly string[], whom: readonly string[]])[];
};
const catalogue = loadCatalogue();
const hash = createHash('sha256').update('nango.emailAddressHash.v1:ann@example.test').digest('hex');
const gmail = Buffer.from(JSON.stringify({ emailAddress: 'Ann@example.test', historyId: 9 })).toString('base64');
const teams = { type: 'message', channelData: { tenant: { id: 't-1' } } };

const cases: readonly Case[] = [
  { provider: 'affinity', body: { type: 'note.created' }, events: [[['note.created'], ['*']]] },
  { provider: 'airtable', body: { webhook: { id: 'w-1' } }, events: [[[], ['metadata.webhooks=w-1']]] },
  {
    provider: 'attio',
    body: { events: [1, 2].map((n) => ({ event_type: 'record.updated', id: { workspace_id: `w-${n}` } })) },
    events: [
      [['record.updated'], ['config.workspace_id=w-1']],
      [['record.updated'], ['config.workspace_id=w-2']],
    ],
  },
  { provider: 'autotask', body: { EntityType: 'Ticket', Guid: 'g-1' }, events: [[['Ticket'], ['config.webhookGuid=g-1']]] },
  {
    provider: 'cal-com-v2',
    query: '?nangoConnectionId=c-1',
    body: { triggerEvent: 'BOOKING_CREATED' },
    events: [[['BOOKING_CREATED'], ['id=c-1']]],
  },
  {
    provider: 'calendly',
    body: { event: 'invitee.created', created_by: 'https://api.calendly.com/users/A' },
    events: [[['invitee.created'], ['config.owner=https://api.calendly.com/users/A', 'account=https://api.calendly.com/users/A']]],
  },
  {
    provider: 'checkr-partner',
    body: { type: 'report.completed', account_id: 'a-1' },
    events: [[['report.completed'], ['config.checkr_account_id=a-1', 'account=a-1']]],
  },
  {
    provider: 'connectwise-psa',
    body: { Type: 'ticket', ProductInstanceId: 'p-1' },
    events: [[['ticket'], ['metadata.productInstanceId=p-1']]],
  },
  {
    provider: 'docusign',
    body: { event: 'envelope-sent', data: { accountId: 'd-1' } },
    events: [[['envelope-sent'], ['config.accountId=d-1']]],
  },
  { provider: 'dropbox', body: { list_folder: { accounts: ['dbid:1', 'dbid:2'] } }, events: [[[], ['account=dbid:1,dbid:2']]] },
  {
    provider: 'facebook',
    body: {
      object: 'page',
      entry: [
        { id: '1', changes: [{ field: 'feed' }] },
        { id: '2', messaging: [{}] },
      ],
    },
    events: [
      [['page', 'feed'], ['metadata.pageId=1']],
      [['page'], ['metadata.pageId=2']],
    ],
  },
  { provider: 'fathom', body: { recorded_by: { email: 'a@b.test' } }, events: [[[], ['metadata.emailAddress=a@b.test']]] },
  { provider: 'fillout', body: { formId: 'f-1', type: 'submission' }, events: [[['submission'], ['metadata.formId=f-1']]] },
  {
    provider: 'github-app',
    headers: { 'x-github-event': 'push' },
    body: { installation: { id: 42 } },
    events: [[['push'], ['config.installation_id=42']]],
  },
  { provider: 'gitlab', headers: { 'x-gitlab-event': 'Push Hook' }, query: '?nangoConnectionId=g', events: [[['Push Hook'], ['id=g']]] },
  {
    provider: 'google-mail',
    body: { message: { data: gmail, messageId: 'm' } },
    events: [[[], [`config.emailAddressHash=${hash}`, 'metadata.emailAddress=Ann@example.test', 'metadata.email=Ann@example.test']]],
  },
  {
    provider: 'google-calendar',
    headers: {
      'x-goog-resource-state': 'exists',
      'x-goog-resource-uri': 'https://www.googleapis.com/calendar/v3/calendars/Ann%40example.test/events',
    },
    events: [
      [
        ['exists'],
        [
          'metadata.googleCalendarWatchResourceUris=https://www.googleapis.com/calendar/v3/calendars/Ann%40example.test/events',
          `config.emailAddressHash=${hash}`,
          'metadata.emailAddress=Ann@example.test',
          'metadata.email=Ann@example.test',
        ],
      ],
    ],
  },
  {
    provider: 'google-drive',
    headers: { 'x-goog-resource-state': 'change', 'x-goog-resource-id': 'r-1' },
    events: [[['change'], ['metadata.googleDriveWatchResourceIds=r-1']]],
  },
  {
    provider: 'highlevel',
    body: { type: 'ContactCreate', locationId: 'l-1' },
    events: [[['ContactCreate'], ['config.locationId=l-1']]],
  },
  { provider: 'highlevel', body: { type: 'LocationCreate', companyId: 'c-1' }, events: [[['LocationCreate'], ['config.companyId=c-1']]] },
  {
    provider: 'hubspot',
    body: [
      { objectId: 2, occurredAt: 5, subscriptionType: 'contact.propertyChange', portalId: 7 },
      { objectId: 2, occurredAt: 9, subscriptionType: 'contact.creation', portalId: 7 },
      { objectId: 1, occurredAt: 8, subscriptionType: 'deal.creation', portalId: 8 },
    ],
    events: [
      [['deal.creation'], ['config.portalId=8']],
      [['contact.creation'], ['config.portalId=7']],
      [['contact.propertyChange'], ['config.portalId=7']],
    ],
  },
  {
    provider: 'instagram',
    body: { object: 'instagram', entry: [{ id: '17841400', changes: [{ field: 'comments' }] }] },
    events: [
      [
        ['instagram', 'comments'],
        ['account=17841400', 'metadata.instagramId=17841400'],
      ],
    ],
  },
  {
    provider: 'intercom',
    body: { topic: 'contact.created', app_id: 'i-1' },
    events: [[['contact.created'], ['account=i-1', 'metadata.appId=i-1']]],
  },
  {
    provider: 'jira',
    body: { webhookEvent: 'jira:issue_created', issue: { self: 'https://acme.atlassian.net/rest/api/2/issue/1' } },
    events: [[['jira:issue_created'], ['config.baseUrl=https://acme.atlassian.net']]],
  },
  {
    provider: 'jobber',
    body: { data: { webHookEvent: { topic: 'CLIENT_CREATE', accountId: 'j-1' } } },
    events: [[['CLIENT_CREATE'], ['config.accountId=j-1']]],
  },
  { provider: 'linear', body: { type: 'Issue', organizationId: 'o-1' }, events: [[['Issue'], ['config.organizationId=o-1']]] },
  {
    provider: 'microsoft-oauth2-cc',
    body: {
      value: [
        { changeType: 'updated', tenantId: 't-1' },
        { changeType: 'deleted', tenantId: 't-2' },
      ],
    },
    events: [
      [['updated'], ['config.tenantId=t-1']],
      [['deleted'], ['config.tenantId=t-2']],
    ],
  },
  { provider: 'microsoft-teams-bot', body: teams, events: [[['message'], ['config.tenantId=t-1']]] },
  {
    provider: 'notion',
    body: { type: 'page.created', workspace_id: 'w' },
    events: [[['page.created'], ['config.workspace_id=w', 'account=w']]],
  },
  {
    provider: 'pagerduty',
    headers: { 'x-nango-connection-id': 'p' },
    body: { event: { event_type: 'incident.triggered' } },
    events: [[['incident.triggered'], ['id=p']]],
  },
  {
    provider: 'pipedrive',
    body: { meta: { action: 'create', entity: 'deal', company_id: 5 } },
    events: [[['create', 'create.deal'], ['metadata.companyId=5']]],
  },
  { provider: 'quickbooks', body: { eventNotifications: [{ realmId: '9' }] }, events: [[[], ['config.realmId=9']]] },
  {
    provider: 'salesforce',
    body: { nango: { eventType: 'Account', connectionId: 's-1' } },
    events: [[['Account'], ['id=s-1']]],
  },
  { provider: 'sellsy', body: { relatedtype: 'client', event: 'created', corpid: 3 }, events: [[['client.created'], ['config.corpid=3']]] },
  {
    provider: 'sellsy',
    body: { thirdtype: 'prospect', event: 'updated', relatedtype: 'item', eventType: 'thirdlog', corpid: 3 },
    events: [[['prospect.updated', 'item.thirdlog.updated', 'item.updated'], ['config.corpid=3']]],
  },
  {
    provider: 'sentry-oauth',
    headers: { 'sentry-hook-resource': 'issue' },
    body: { action: 'created', installation: { uuid: 'u-1' } },
    events: [[['created', 'issue'], ['config.installation.uuid=u-1']]],
  },
  {
    provider: 'shipstation',
    body: { resource_type: 'ORDER_NOTIFY', resource_url: 'https://ssapi.shipstation.com/orders?storeID=77&x=1' },
    events: [[['ORDER_NOTIFY'], ['metadata.storeId=77']]],
  },
  {
    provider: 'shopify',
    headers: { 'x-shopify-topic': 'orders/create', 'x-shopify-shop-domain': 'acme.myshopify.com' },
    events: [[['orders/create'], ['config.subdomain=acme']]],
  },
  {
    provider: 'slack',
    body: { type: 'event_callback', team_id: 'T1', event: { type: 'message' } },
    events: [[['event_callback', 'message'], ['config.team.id=T1']]],
  },
  { provider: 'squareup', body: { type: 'payment.created', merchant_id: 'M' }, events: [[['payment.created'], ['account=M']]] },
  {
    provider: 'strava',
    body: { object_type: 'activity', aspect_type: 'create', owner_id: 134815 },
    events: [
      [
        ['create', 'activity.create'],
        ['config.athlete.id=134815', 'metadata.athleteId=134815'],
      ],
    ],
  },
  {
    provider: 'stripe-app',
    body: { type: 'invoice.paid', account: 'acct_1' },
    events: [[['invoice.paid'], ['account=acct_1', 'config.stripe_user_id=acct_1']]],
  },
  { provider: 'unauthenticated', body: { type: 'x', connectionId: 'c' }, events: [[['x'], ['id=c']]] },
  { provider: 'videoask', headers: { 'nango-connection-id': 'v' }, events: [[[], ['id=v']]] },
  {
    provider: 'whatsapp-business',
    body: { object: 'whatsapp_business_account', entry: [{ id: '102', changes: [{ field: 'messages' }] }] },
    events: [[['whatsapp_business_account', 'messages'], ['metadata.businessAccountId=102']]],
  },
  {
    provider: 'xero',
    body: { events: [{ eventType: 'CREATE', eventCategory: 'INVOICE', tenantId: 'x-1' }] },
    events: [[['CREATE', 'INVOICE.CREATE'], ['config.tenant_id=x-1']]],
  },
  {
    provider: 'zoom',
    body: { event: 'meeting.created', payload: { account_id: 'z-1' } },
    events: [[['meeting.created'], ['config.account_id=z-1', 'metadata.accountId=z-1']]],
  },
];

test.each(cases.map((one, n) => [one.provider, n, one] as const))('%s (%i) names its events and connections', async (_name, _n, one) => {
  const body = Buffer.from(one.body === undefined ? '' : JSON.stringify(one.body));
  const headers = { 'content-type': 'application/json', ...one.headers };
  const read = await readWebhook({ method: 'POST', url: `/webhook/e/i${one.query ?? ''}`, headers, body });
  const { events } = routeWebhook(catalogue.get(one.provider)?.webhook, read);
  const found = events.map(({ names, connections, everyone }) => [
    names,
    everyone ? ['*'] : connections.map(({ is, values }) => `${is}=${values.join()}`),
  ]);
  expect(found).toEqual(one.events);
});

test('a provider that was asked by us is known by the address it was given, whatever it says', async () => {
  const body = Buffer.from(JSON.stringify({ type: 'Issue', organizationId: 'o-1' }));
  const read = await readWebhook({ method: 'POST', url: '/webhook/e/i?subscription=s-1', headers: {}, body });
  const [event] = routeWebhook(catalogue.get('linear')?.webhook, read).events;
  expect(event?.connections[0]).toEqual({ is: 'subscription', values: ['s-1'] });
});
