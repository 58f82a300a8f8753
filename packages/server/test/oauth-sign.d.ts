declare module 'oauth-sign' {
  /** The signature of a request whose parameters are all given decoded. */
  export function sign(
    method: string,
    verb: string,
    url: string,
    parameters: Record<string, string | string[]>,
    consumerSecret: string,
    tokenSecret?: string,
  ): string;
}
