/** What every screen needs: the words, how the page is shown and looks, and how it is left. */
import type { Appearance } from '@bowline/api/appearance';
import { createContext, useContext } from 'react';
import type { Embedder } from './embedder.ts';
import type { Place } from './place.ts';
import type { Words } from './words/shape.ts';

export type Page = {
  words: Words;
  lang: string;
  place: Place;
  embedder: Embedder;
  appearance: Appearance;
  /** Asks first when something was typed. Absent where there is no page to go back to. */
  close: (() => void) | undefined;
  /** Whether closing would lose something. */
  setDirty: (isDirty: boolean) => void;
};
const Context = createContext<Page | undefined>(undefined);

export const PageProvider = Context.Provider;

export function usePage(): Page {
  const page = useContext(Context);
  if (!page) throw new Error('usePage needs a PageProvider above it');
  return page;
}
