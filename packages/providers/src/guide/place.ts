/** Where a guide is read: the addresses of the server it is about, and what this catalogue has besides the provider. */
import type { Provider } from '../provider.ts';

export type GuideTemplate = { readonly name: string; readonly type: string; readonly description?: string | undefined };

export type GuidePlace = {
  /** Where the API answers, without a slash at the end. */
  readonly serverUrl: string;
  /** Where the vendor sends people back to. */
  readonly callbackUrl: string;
  /** Where the vendor sends its webhooks; null where none are received. */
  readonly webhookUrl: string | null;
  /** Names the integration in the samples; the provider's own name when absent. */
  readonly integrationKey?: string;
  /** Functions to start from. */
  readonly templates: readonly GuideTemplate[];
  /** Others of the catalogue, among which the vendor's are found. */
  readonly providers?: readonly Pick<Provider, 'name' | 'display_name' | 'auth_mode' | 'sandbox'>[];
  /** The address of another provider's guide. */
  readonly guideOf?: (name: string) => string;
};
