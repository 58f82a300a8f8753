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

// Zendesk
import './zendesk/syncs/tickets.js';
import './zendesk/syncs/unified-tickets.js';
import './zendesk/syncs/users.js';
import './zendesk/actions/create-ticket.js';
import './zendesk/actions/create-unified-ticket.js';
import './zendesk/actions/update-ticket.js';
