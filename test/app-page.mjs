/** The script of the app's page in the browser tests: our client or the published one behind a button. Bundled by browser-stage.ts. */
import { Bowline } from '@bowline/browser';
import Published from '@nangohq/frontend';

const clients = { Bowline, Published };
const outcomes = [];

/** What came of a promise, as JSON. */
async function note(promise) {
  const outcome = await promise.then(
    (result) => ({ result: result ?? null }),
    (error) => ({ error: { type: error.type, name: error.name, message: error.message } }),
  );
  outcomes.push(outcome);
  return outcome;
}

/** Each click on the button connects. */
function onClick({ client: name, config, options }) {
  globalThis.client = new clients[name](config);
  document.querySelector('button').onclick = () => note(globalThis.client.auth('oidc', options));
}

Object.assign(globalThis, { clients, outcomes, note, onClick });
