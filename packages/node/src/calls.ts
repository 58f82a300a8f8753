/**
 * The ground the client stands on. Its methods are flat, since that is the form users' code has, and written one file a resource:
 * each file adds its methods to the class below it, `client.ts` is the top.
 */
import { type ClientExtras, type ClientOptions, parseSettings, type Settings } from './settings.ts';

/** What all methods share. */
export abstract class Calls {
  protected readonly settings: Settings;

  constructor(options: ClientOptions, extras?: ClientExtras) {
    this.settings = parseSettings(options, extras);
    // A client that is logged shows where it talks to, not with which key.
    Object.defineProperty(this, 'settings', { enumerable: false });
  }
}
