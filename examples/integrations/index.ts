// One line a function: what is imported here is what `bowline deploy` deploys.
import './github/syncs/issues.js';
import './github/syncs/labels.js';
import './github/actions/create-issue.js';
import './github/actions/whoami.js';
