/** The libraries that functions may require, in the sandbox, with a real archive and a real SOAP service whose requests the host sends. */
import { createServer } from 'node:http';
import type { RunSpec } from '@bowline/api/protocol';
import { createSandboxes, type SandboxCall, type Sandboxes } from '@bowline/sandbox/pool';
import pino from 'pino';
import { listen } from 'soap';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build } from '../../runner/build.mjs';

/** Of an ordinary archiver: `events/1.json`, 40 lines, deflated, and `read.me`, stored. */
const zip =
  'UEsDBBQAAAAIAAAAIVx+oi5NIQAAAHADAAANAAAAZXZlbnRzLzEuanNvbqtWSi1LzStRslIqzkzPS01RyMxTquWqHhUdFR0VpYEoAFBLAwQUAAAAAAAAACFcZXjRWg8AAAAPAAAABwAAAHJlYWQubWVzdG9yZWQgYXMgaXQgaXNQSwECFAMUAAAACAAAACFcfqIuTSEAAABwAwAADQAAAAAAAAAAAAAAgAEAAAAAZXZlbnRzLzEuanNvblBLAQIUAxQAAAAAAAAAIVxleNFaDwAAAA8AAAAHAAAAAAAAAAAAAACAAUwAAAByZWFkLm1lUEsFBgAAAAACAAIAcAAAAIAAAAAAAA==';
const spec: RunSpec = {
  kind: 'action',
  name: 'probe',
  connectionId: 'c1',
  providerConfigKey: 'staff',
  provider: 'staff',
  environmentId: 1,
  environmentName: 'dev',
  nangoConnectionId: 7,
  activityLogId: 'op1',
  variant: 'base',
  models: [],
  isCLI: false,
};
let sandboxes: Sandboxes;
let staff: Awaited<ReturnType<typeof startStaff>>;

beforeAll(async () => {
  sandboxes = createSandboxes({ log: pino({ level: 'silent' }), runnerPath: await build(), warm: 1 });
  staff = await startStaff();
});
afterAll(async () => {
  await sandboxes.close();
  await staff.stop();
});

test('an archive is opened whole and entry by entry, deflated or stored', async () => {
  const whole = await trial(
    `const archive = await require('unzipper').Open.buffer(Buffer.from(input.zip, 'base64'));
     return Promise.all(archive.files.map(async (file) => [file.path, (await file.buffer()).toString()]));`,
    { zip },
  );
  expect(whole.output).toEqual([
    ['events/1.json', '{"event":"signed in"}\n'.repeat(40)],
    ['read.me', 'stored as it is'],
  ]);
  const streamed = await trial(
    `const parse = require('unzipper').Parse({ forceStream: true });
     parse.end(Buffer.from(input.zip, 'base64'));
     const sizes = {};
     for await (const entry of parse) sizes[entry.path] = (await entry.buffer()).length;
     return sizes;`,
    { zip },
  );
  expect(streamed.output).toEqual({ 'events/1.json': 880, 'read.me': 15 });
  const broken = await trial(`return (await require('unzipper').Open.buffer(Buffer.from('no archive'))).files.length;`);
  expect(broken.error?.message).toContain('FILE_ENDED');
});

test('a SOAP service is described, called with its security and answers; each request is one of the host', async () => {
  const { output, error, calls } = await trial(
    `const soap = require('soap');
     const client = await soap.createClientAsync(input.url + '?wsdl');
     client.setSecurity(new soap.WSSecurity('integration', 'pass-word'));
     const [answer] = await client.GetWorkersAsync({ page: 3 });
     return { answer, whole: soap.default === soap, token: client.lastRequest.includes('<wsse:Username>integration</wsse:Username>') };`,
    { url: staff.url },
  );
  expect(error).toBeUndefined();
  expect(output).toEqual({ answer: { worker: ['Ada', 'Grace', 'page 3'] }, whole: true, token: true });
  expect(calls.map(({ method, params }) => [method, params])).toMatchObject([
    ['fetch', { method: 'GET', url: `${staff.url}?wsdl` }],
    ['fetch', { method: 'POST', url: staff.url }],
  ]);
  const absent = await trial(`await require('soap').createClientAsync(input.url)`, { url: `${staff.url}-not-there?wsdl` });
  expect(absent.error?.message).toContain('Code: 404');
});

test('what a library is made of is not there for functions, nor files through it; what is not provided says so', async () => {
  for (const name of ['stream', 'zlib', 'http', 'axios'])
    expect((await trial(`require('${name}')`)).error?.message).toBe(`Module '${name}' is not allowed`);
  expect((await trial(`await require('unzipper').Open.file('/etc/hostname')`)).error?.message).toContain('without files and sockets');
  expect((await trial(`require('botbuilder')`)).error?.message).toContain("'botbuilder' is not provided");
});

/** By the number of functions that use them, then what none does: a kind that the sandbox did not meet before a run must work all the same. */
const zods = [
  'z.string().optional().describe("a")',
  'z.number().int().positive().nonnegative().min(1)',
  'z.array(z.boolean()).nonempty()',
  'z.string().nullable().or(z.null())',
  'z.record(z.string(), z.unknown())',
  'z.union([z.literal("a"), z.enum(["a", "b"]).exclude(["b"])])',
  'z.object({ a: z.any() }).passthrough().catchall(z.null())',
  'z.string().trim().toLowerCase().max(9).regex(/a/).uuid().email().datetime().url()',
  'z.string().refine(() => true).transform((one) => one).pipe(z.string())',
  'z.string().default("a")',
  'z.date()',
  'z.coerce.number()',
  'z.object({ a: z.string() }).extend({ b: z.void() }).partial().required().pick({ a: true }).merge(z.object({}))',
  'z.undefined()',
  'z.tuple([z.string(), z.int()]).rest(z.null())',
  'z.looseObject({})',
  'z.strictObject({})',
  'z.preprocess((one) => one, z.string())',
  'z.discriminatedUnion("k", [z.object({ k: z.literal("a") })])',
  'z.lazy(() => z.string())',
  'z.xor([z.string(), z.number()])',
  'z.success(z.string())',
  'z.json()',
  'z.templateLiteral(["a-", z.string()])',
  'z.partialRecord(z.enum(["a"]), z.string())',
  'z.uuid()',
  'z.email()',
  'z.iso.datetime()',
  'z.ipv4()',
  'z.hash("sha256")',
  'z.stringbool()',
  'z.set(z.string())',
  'z.map(z.string(), z.string())',
  'z.file()',
  'z.bigint()',
  'z.symbol()',
  'z.intersection(z.object({}), z.object({}))',
  'z.codec(z.string(), z.string(), { decode: (one) => one, encode: (one) => one })',
  'z.object({ get self() { return z.string(); } })',
  'z.fromJSONSchema({ type: "string" })',
  'z.instanceof(Error)',
  'z.custom()',
  'z.string().brand().readonly().catch("a").superRefine(() => {})',
  'z.nativeEnum({ A: "a" })',
];

test('each kind of zod schema is made, parses and is written as JSON Schema; so are its errors', async () => {
  const tried = zods.map((text) => `[${JSON.stringify(text)}, () => ${text}]`).join(',\n');
  const { output, error } = await trial(`
    const { z } = require('zod'), failed = [];
    for (const [text, make] of [${tried}]) {
      try {
        for (const schema of [make(), make()]) { schema.safeParse('a'); schema.safeParse({ k: 'a' }); z.toJSONSchema(schema, { unrepresentable: 'any' }); }
      } catch (error) { failed.push(text + ': ' + error.message); }
    }
    const { error } = z.object({ a: z.string() }).safeParse({});
    return { failed, flat: z.flattenError(error).fieldErrors.a.length, tree: z.treeifyError(error).properties.a.errors.length, made: new z.ZodError(error.issues).issues.length };`);
  expect(error).toBeUndefined();
  expect(output).toEqual({ failed: [], flat: 1, tree: 1, made: 1 });
});

async function trial(body: string, input: unknown = {}) {
  const calls: { method: string; params: unknown }[] = [];
  const outcome = await sandboxes.run({
    owner: body,
    run: { ...spec, input },
    code: `module.exports = { exec: async (nango, input) => { ${body} } }`,
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    onLog: () => undefined,
    onCall: async (call) => {
      calls.push({ method: call.method, params: call.params });
      return send(call);
    },
  });
  const output: unknown = outcome.ok ? JSON.parse(outcome.output.toString()) : undefined;
  return { output, error: outcome.ok ? undefined : outcome.error, calls };
}

/** As the platform does, without its guard: the service is on this machine. */
async function send({ method, params, body }: SandboxCall) {
  if (method !== 'fetch') throw new Error(`unexpected ${method}`);
  const asked = params as { url: string; method: string; headers: [string, string][]; hasBody: boolean }; // proof: what the runner sends
  const response = await fetch(asked.url, {
    method: asked.method,
    headers: asked.headers,
    ...(asked.hasBody && { body: new Uint8Array(body) }),
  });
  const { status, statusText, headers } = response;
  return { value: { status, statusText, headers: Object.fromEntries(headers) }, body: Buffer.from(await response.arrayBuffer()) };
}

async function startStaff() {
  const http = createServer((_request, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/staff`;
  const service = { Staff: { StaffPort: { GetWorkers: ({ page }: { page: number }) => ({ worker: ['Ada', 'Grace', `page ${page}`] }) } } };
  listen(http, '/staff', service, wsdlAt(url));
  const stop = () =>
    new Promise<void>((resolve) => {
      http.close(() => resolve());
      http.closeAllConnections();
    });
  return { url, stop };
}

const wsdlAt = (url: string) => `<?xml version="1.0" encoding="UTF-8"?>
<definitions name="Staff" targetNamespace="urn:staff" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="urn:staff"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <types><xsd:schema targetNamespace="urn:staff" elementFormDefault="qualified">
    <xsd:element name="GetWorkers"><xsd:complexType><xsd:sequence><xsd:element name="page" type="xsd:int"/></xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="Workers"><xsd:complexType><xsd:sequence><xsd:element name="worker" type="xsd:string" maxOccurs="unbounded"/></xsd:sequence></xsd:complexType></xsd:element>
  </xsd:schema></types>
  <message name="Ask"><part name="parameters" element="tns:GetWorkers"/></message>
  <message name="Tell"><part name="parameters" element="tns:Workers"/></message>
  <portType name="StaffPort"><operation name="GetWorkers"><input message="tns:Ask"/><output message="tns:Tell"/></operation></portType>
  <binding name="StaffBinding" type="tns:StaffPort"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="GetWorkers"><soap:operation soapAction="urn:staff#GetWorkers"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>
  </binding>
  <service name="Staff"><port name="StaffPort" binding="tns:StaffBinding"><soap:address location="${url}"/></port></service>
</definitions>`;
