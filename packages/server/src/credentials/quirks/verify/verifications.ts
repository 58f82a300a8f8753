/** Every verification by the name that the catalogue gives it in `credentials_verification_script`. */
import type { Provider } from '@bowline/providers/provider';
import { apollo } from './apollo.ts';
import { azureDevops } from './azure-devops.ts';
import { bitdefender } from './bitdefender.ts';
import { expensify } from './expensify.ts';
import { lastpass } from './lastpass.ts';
import { skio } from './skio.ts';
import { snipeIt } from './snipe-it.ts';
import type { Verification } from './verification.ts';

const verifications: Readonly<Record<string, Verification>> = {
  apollo,
  azureDevops,
  bitdefender,
  expensify,
  lastpass,
  skio,
  snipeIt,
};

export const verificationOf = ({ credentials_verification_script: name }: Provider): Verification | undefined =>
  name === undefined ? undefined : verifications[name];
