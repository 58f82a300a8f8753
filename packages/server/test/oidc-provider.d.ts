/** The part of oidc-provider (which ships without types) that tests use. */
declare module 'oidc-provider' {
  import type { Server } from 'node:http';
  // biome-ignore lint/style/noDefaultExport: it is what the package exports
  export default class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>);
    callback(): import('node:http').RequestListener;
    listen(port: number, host: string): Server;
  }
}
