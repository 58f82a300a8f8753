/**
 * What wraps data keys: the local master key, or a key service. This is the seam to add another service at (docs/security/keys.md).
 * A wrapper sees data keys alone, never a credential, and is asked once in some minutes for each key in use.
 */
import type { MasterKeys } from '../base/keyring.ts';
import { decrypt, encrypt, forms, headerOf, VaultError } from './sealed.ts';

export type Wrapped = {
  readonly bytes: Buffer;
  /** Its wrapper's kind, and which key of it: `local:2`, `transit:bowline:v3`. Two of one name are wrapped with the same key. */
  readonly by: string;
};

export type KeyWrapper = {
  /** The part of `by` before the first colon. */
  readonly kind: string;
  /** Always with the newest key. @param context authenticated with it; `unwrap` gets the same */
  readonly wrap: (key: Buffer, context: string) => Promise<Wrapped>;
  /** @throws VaultError when it does not open; the message says what to do */
  readonly unwrap: (wrapped: Wrapped, context: string) => Promise<Buffer>;
};

export function localWrapper(master: MasterKeys): KeyWrapper {
  return {
    kind: 'local',
    wrap: async (plaintext, context) => {
      const { id, key } = master.current();
      return { bytes: encrypt({ form: forms.master, keyId: id }, key, { context, plaintext }), by: `local:${id}` };
    },
    unwrap: async ({ bytes }, context) => {
      const { keyId } = headerOf(bytes);
      const key = master.find(keyId);
      if (!key) throw new VaultError(`wrapped with master key ${keyId}, which ${master.source} does not hold; add that key back`);
      return decrypt(bytes, key, context);
    },
  };
}
