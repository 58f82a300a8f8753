/** The embedded Postgres cannot be had here. The message says why and what to do instead. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
}
