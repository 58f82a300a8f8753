// One line a function: what is imported here is what `bowline deploy` deploys. Keep the integrations you use.

// Airtable
import './airtable/syncs/records.js';
import './airtable/actions/create-record.js';
import './airtable/actions/list-tables.js';

// Ashby
import './ashby/syncs/candidates.js';
import './ashby/syncs/jobs.js';
import './ashby/actions/create-candidate.js';

// BambooHR
import './bamboohr/syncs/employees.js';
import './bamboohr/actions/create-employee.js';
import './bamboohr/actions/list-time-off.js';

// GitHub
import './github/syncs/issues.js';
import './github/syncs/labels.js';
import './github/syncs/pull-requests.js';
import './github/syncs/repositories.js';
import './github/syncs/unified-tickets.js';
import './github/actions/comment-on-issue.js';
import './github/actions/create-issue.js';
import './github/actions/create-unified-ticket.js';
import './github/actions/list-pull-request-files.js';
import './github/actions/update-issue.js';
import './github/actions/whoami.js';

// Gmail
import './google-mail/syncs/emails.js';
import './google-mail/actions/fetch-attachment.js';
import './google-mail/actions/fetch-email.js';
import './google-mail/actions/send-email.js';

// Google Calendar
import './google-calendar/syncs/calendars.js';
import './google-calendar/syncs/events.js';
import './google-calendar/actions/create-event.js';
import './google-calendar/actions/delete-event.js';
import './google-calendar/actions/update-event.js';

// Google Drive
import './google-drive/syncs/files.js';
import './google-drive/actions/create-folder.js';
import './google-drive/actions/fetch-document.js';

// HubSpot
import './hubspot/syncs/companies.js';
import './hubspot/syncs/contacts.js';
import './hubspot/syncs/deals.js';
import './hubspot/syncs/unified-contacts.js';
import './hubspot/actions/create-contact.js';
import './hubspot/actions/create-unified-contact.js';
import './hubspot/actions/list-properties.js';
import './hubspot/actions/update-contact.js';

// Intercom
import './intercom/syncs/contacts.js';
import './intercom/syncs/conversations.js';
import './intercom/actions/create-contact.js';
import './intercom/actions/fetch-conversation.js';
import './intercom/actions/reply-to-conversation.js';

// Jira
import './jira/syncs/issues.js';
import './jira/syncs/projects.js';
import './jira/syncs/unified-tickets.js';
import './jira/actions/add-comment.js';
import './jira/actions/create-issue.js';
import './jira/actions/create-unified-ticket.js';
import './jira/actions/transition-issue.js';

// Linear
import './linear/syncs/issues.js';
import './linear/syncs/teams.js';
import './linear/syncs/unified-tickets.js';
import './linear/actions/create-comment.js';
import './linear/actions/create-issue.js';
import './linear/actions/create-unified-ticket.js';
import './linear/actions/update-issue.js';

// Microsoft Entra ID
import './microsoft-entra-id/syncs/groups.js';
import './microsoft-entra-id/syncs/users.js';
import './microsoft-entra-id/actions/add-user-to-group.js';

// Notion
import './notion/syncs/databases.js';
import './notion/syncs/pages.js';
import './notion/syncs/rows.js';
import './notion/actions/append-to-page.js';
import './notion/actions/create-page.js';
import './notion/actions/fetch-page-text.js';

// Okta
import './okta/syncs/group-members.js';
import './okta/syncs/groups.js';
import './okta/syncs/users.js';
import './okta/actions/add-user-to-group.js';
import './okta/actions/create-user.js';
import './okta/actions/deactivate-user.js';

// Outlook
import './outlook/syncs/messages.js';
import './outlook/actions/get-message.js';
import './outlook/actions/send-mail.js';

// Pipedrive
import './pipedrive/syncs/deals.js';
import './pipedrive/syncs/persons.js';
import './pipedrive/syncs/unified-contacts.js';
import './pipedrive/actions/create-deal.js';
import './pipedrive/actions/create-unified-contact.js';

// QuickBooks
import './quickbooks/syncs/customers.js';
import './quickbooks/syncs/invoices.js';
import './quickbooks/actions/create-invoice.js';

// Salesforce
import './salesforce/syncs/accounts.js';
import './salesforce/syncs/contacts.js';
import './salesforce/syncs/opportunities.js';
import './salesforce/syncs/unified-contacts.js';
import './salesforce/actions/create-unified-contact.js';
import './salesforce/actions/list-fields.js';
import './salesforce/actions/upsert-record.js';

// Shopify
import './shopify/syncs/orders.js';
import './shopify/syncs/products.js';
import './shopify/actions/tag-order.js';

// Slack
import './slack/syncs/channels.js';
import './slack/syncs/messages.js';
import './slack/syncs/users.js';
import './slack/actions/list-messages.js';
import './slack/actions/post-message.js';

// Stripe
import './stripe/syncs/customers.js';
import './stripe/syncs/invoices.js';
import './stripe/syncs/subscriptions.js';
import './stripe/actions/create-customer.js';

// Twilio
import './twilio/syncs/messages.js';
import './twilio/actions/send-sms.js';

// Xero
import './xero/syncs/contacts.js';
import './xero/syncs/invoices.js';
import './xero/actions/create-invoice.js';

// Zendesk
import './zendesk/syncs/tickets.js';
import './zendesk/syncs/unified-tickets.js';
import './zendesk/syncs/users.js';
import './zendesk/actions/create-ticket.js';
import './zendesk/actions/create-unified-ticket.js';
import './zendesk/actions/update-ticket.js';
