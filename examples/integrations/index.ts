// One line a function: what is imported here is what `bowline deploy` deploys. Keep the integrations you use.

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

// Notion
import './notion/syncs/databases.js';
import './notion/syncs/pages.js';
import './notion/syncs/rows.js';
import './notion/actions/append-to-page.js';
import './notion/actions/create-page.js';
import './notion/actions/fetch-page-text.js';

// Slack
import './slack/syncs/channels.js';
import './slack/syncs/messages.js';
import './slack/syncs/users.js';
import './slack/actions/list-messages.js';
import './slack/actions/post-message.js';

// Zendesk
import './zendesk/syncs/tickets.js';
import './zendesk/syncs/unified-tickets.js';
import './zendesk/syncs/users.js';
import './zendesk/actions/create-ticket.js';
import './zendesk/actions/create-unified-ticket.js';
import './zendesk/actions/update-ticket.js';
