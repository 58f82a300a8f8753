import { describe, expect, test } from 'vitest';
import { awsAuthorization, awsHeaders } from '../src/aws-signature.ts';

const signature = (header: string | undefined) => /Signature=(\w+)/.exec(header ?? '')?.[1];

describe('the signatures of the AWS Signature Version 4 test suite', () => {
  const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  const headers = { 'x-amz-date': '20150830T123600Z' };
  test.each([
    ['get-vanilla', 'GET', '/', {}, null, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      '/?Param2=value2&Param1=value1',
      {},
      null,
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    ['post-vanilla', 'POST', '/', {}, null, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'post-x-www-form-urlencoded',
      'POST',
      '/',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'Param1=value1',
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
  ])('%s', (_name, method, path, more, body, expected) => {
    const request = { method, url: `https://example.amazonaws.com${path}`, headers: { ...headers, ...more }, body };
    const header = awsAuthorization(request, keys, { service: 'service', region: 'us-east-1' }, 'example.amazonaws.com');
    expect(signature(header)).toBe(expected);
  });
});

test.each([
  ['?lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  ['?max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
])('the signature of the example in the S3 reference for %s', (query, expected) => {
  const headers = awsHeaders(
    { method: 'GET', url: `https://examplebucket.s3.amazonaws.com${query}`, headers: {}, body: null },
    { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
    { service: 's3', region: 'us-east-1' },
    new Date('2013-05-24T00:00:00Z'),
  );
  expect(signature(headers.authorization)).toBe(expected);
});
