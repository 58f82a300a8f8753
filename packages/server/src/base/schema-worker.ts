/**
 * The thread in which values are held to schemas: schemas are strangers', and may take any time and memory. It answers one question after the
 * other, has nothing but what it was sent, and is ended by whoever waits too long (schema-checks.ts).
 */
import { parentPort } from 'node:worker_threads';
import { type Definitions, openValidator, SchemaError, type Validate } from '@bowline/compile/validate';
import { LRUCache } from 'lru-cache';
import { type Fault, kindOfPath, type Question, type Verdict } from './schema-checks.ts';

/** A compiled schema is some 10 to 100 kB of code. */
const COMPILED_MAX = 200;
/** Different mistakes that are told of one question. */
const FAULTS_MAX = 50;
const NEWLINE = 0x0a;

const compiled = new LRUCache<string, { validate: Validate | undefined }>({ max: COMPILED_MAX });
const compile = await openValidator();

parentPort?.on('message', (question: Question) => parentPort?.postMessage(judge(question)));
parentPort?.postMessage('ready');

function judge(question: Question): Verdict {
  try {
    const validate = find(question);
    if (!validate) return { faults: [], wrong: [] };
    return question.json === undefined ? ofLines(validate, question.lines) : ofValue(validate, JSON.parse(question.json));
  } catch (error) {
    return { unusable: error instanceof SchemaError ? error.message : 'The value could not be read' };
  }
}

function find({ key, usage, name, definitions }: Question): Validate | undefined {
  const at = `${key} ${usage} ${name}`;
  const known = compiled.get(at) ?? { validate: compile(JSON.parse(definitions) as Definitions, name, usage) }; // what a deployment stored
  compiled.set(at, known);
  return known.validate;
}

function ofValue(validate: Validate, value: unknown): Verdict {
  const faults = validate(value).map((flaw) => ({ ...flaw, index: 0, count: 1 }));
  return { faults, wrong: faults.length > 0 ? [0] : [] };
}

/** Mistakes of one kind, wherever in a list, are told once, with how many there are and where the first one is. */
function ofLines(validate: Validate, lines: Uint8Array): Verdict {
  const kinds = new Map<string, Fault>();
  const wrong: number[] = [];
  for (const [index, record] of records(lines)) {
    const flaws = validate(record);
    if (flaws.length > 0) wrong.push(index);
    for (const flaw of flaws) {
      const kind = `${kindOfPath(flaw.path)}\0${flaw.message}`;
      const known = kinds.get(kind);
      if (known) known.count += 1;
      else if (kinds.size < FAULTS_MAX) kinds.set(kind, { ...flaw, index, count: 1 });
    }
  }
  return { faults: [...kinds.values()], wrong };
}

/** One JSON text a line. What is no JSON is left to whoever stores it, who refuses it. */
function* records(lines: Uint8Array): Generator<[number, unknown]> {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  for (let start = 0, index = 0; start < bytes.length; index += 1) {
    const end = bytes.indexOf(NEWLINE, start);
    const line = bytes.toString('utf8', start, end === -1 ? bytes.length : end);
    start = end === -1 ? bytes.length : end + 1;
    try {
      yield [index, JSON.parse(line)];
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
}
