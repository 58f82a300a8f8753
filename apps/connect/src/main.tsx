/** Starts the page. Whoever sees it is a customer of our customer: nobody is signed in. */
import './styles.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { findEmbedder } from './embedder.ts';
import { readPlace } from './place.ts';
import { takeToken } from './token.ts';
import { chooseLanguage, loadWords } from './words/words.ts';

const place = readPlace(location, window.parent !== window);
const token = takeToken();
const embedder = findEmbedder(place);
const lang = chooseLanguage(place.lang, navigator.languages);
document.documentElement.lang = lang;

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App place={place} embedder={embedder} token={token} words={await loadWords(lang)} lang={lang} />
  </StrictMode>,
);
