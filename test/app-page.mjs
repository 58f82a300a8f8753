/** The script of the app's page in the browser tests: our client or the published one behind a button, and our components. Bundled by browser-stage.ts. */
import { Bowline } from '@bowline/browser';
import { mappingSource } from '@bowline/browser/elements';
import * as components from '@bowline/browser/react';
import Published from '@nangohq/frontend';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';

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

/** Instead of the page: one of the React components; what its listeners hear is gathered. */
function mount(name, properties) {
  const heard = (type) => (detail) => outcomes.push({ type, detail });
  const listeners = {
    onConnect: heard('connect'),
    onError: (error) => outcomes.push({ type: 'error', error: error.type }),
    onMapped: heard('mapped'),
  };
  const root = document.body.appendChild(document.createElement('main'));
  createRoot(root).render(createElement(components[name], { ...listeners, ...properties }));
}

/** Instead of the page: a custom element, as HTML has it. */
function show(html) {
  document.body.innerHTML = `<main>${html}</main>`;
  for (const type of ['bowline-connect', 'bowline-error', 'bowline-mapped', 'bowline-status']) {
    document.querySelector('main').addEventListener(type, ({ detail }) => outcomes.push({ type, detail: detail ?? null }));
  }
}

Object.assign(globalThis, { clients, outcomes, note, onClick, mount, show, mappingSource });
