import type { Item } from '../models.js';

export interface ProviderItem {
  id: number | string;
  name: string;
}

/** Shared by the integrations of the project. */
export const toItem = ({ id, name }: ProviderItem): Item => ({ id: String(id), name });
