// One line a function; a line that does not begin with `import` is none.
import './upstream/syncs/items.js';
import './upstream/syncs/settings.js';
import './upstream/actions/settings.js';
import './upstream/actions/make-item.js';
import './upstream/actions/digest.js';
import './upstream/actions/kinds.js';
import './upstream/on-events/welcome.js';
import './upstream/on-events/farewell.js';
import './upstream/on-events/check.js';
// import './upstream/actions/retired.js';
