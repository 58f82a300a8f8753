/** How an integration gets temporary credentials at AWS: from AWS STS with keys of its own, or from a service of the developer's. Pure. */
import type { IntegrationAccess } from './access.ts';
import { basicHeader } from './basic.ts';
import { CredentialsError } from './failure.ts';

export type AwsConfig = {
  readonly service: string;
  readonly defaultRegion: string | undefined;
  /** Where AWS STS is, instead of the region's public address. */
  readonly stsUrl: string | undefined;
  readonly sts:
    | { readonly mode: 'builtin'; readonly accessKeyId: string; readonly secretAccessKey: string }
    | { readonly mode: 'custom'; readonly url: string; readonly headers: Readonly<Record<string, string>> };
};

/** @throws CredentialsError naming the setting that is missing */
export function awsConfig({ custom }: IntegrationAccess): AwsConfig {
  const need = (name: string): string => {
    const value = custom[name];
    if (value) return value;
    throw new CredentialsError('provider_config_err', `the integration has no ${name}; set it in its integration_config`);
  };
  return {
    service: need('service'),
    defaultRegion: custom.defaultRegion || undefined,
    stsUrl: custom.awsStsUrl || undefined,
    sts:
      (custom.stsMode ?? 'builtin') === 'builtin'
        ? { mode: 'builtin', accessKeyId: need('awsAccessKeyId'), secretAccessKey: need('awsSecretAccessKey') }
        : { mode: 'custom', url: need('stsEndpointUrl'), headers: customHeaders(custom.stsAuthType ?? 'none', need, custom.stsAuthHeader) },
  };
}

function customHeaders(type: string, need: (name: string) => string, header: string | undefined): Record<string, string> {
  if (type === 'api_key') return { [(header || 'x-api-key').toLowerCase()]: need('stsApiKey') };
  if (type === 'basic') return { authorization: basicHeader(need('stsAuthUsername'), need('stsAuthPassword')) };
  return {};
}

/** The address of STS in a region; China is a partition with addresses of its own. */
export function stsUrl(config: AwsConfig, region: string): string {
  return config.stsUrl ?? `https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`;
}
