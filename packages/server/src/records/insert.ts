/** Writes records none of which is stored yet, by COPY: each is sealed while Postgres writes those before it. */
import { copyIn } from '../base/copy-in.ts';
import type { Database } from '../base/world.ts';
import { type Cipher, HASH_BYTES } from './cipher.ts';
import { checkJson } from './incoming.ts';
import type { Row, Stamp } from './rows.ts';

/** A row in Postgres' binary form: how many columns, then each with its length before it. What all rows have in common comes first. */
const COLUMNS = ['stream_id', 'generation', 'created_at', 'changed_at', 'size', 'seq', 'hash', 'external_id', 'content'];
const STATEMENT = `copy records (${COLUMNS.join(', ')}) from stdin (format binary)`;
const COMMON_BYTES = 2 + (4 + 4) + 3 * (4 + 8);
const OWN_BYTES = 4 + 4 + (4 + 8) + (4 + HASH_BYTES) + 4 + 4;
/** Of UTF-8, for a unit of JavaScript's. */
const BYTES_A_UNIT = 3;
/** Small enough that Postgres does not wait for the first, and nobody else for long. */
const AT_ONCE = 100;

type Into = { readonly streamId: number; readonly cipher: Cipher };

/** Numbered from `seq` + 1 in their order. @throws Problem `invalid_sync_record`; the transaction is of no use after it */
export async function insertRows(tx: Database, { streamId, cipher }: Into, rows: readonly Row[], stamp: Stamp): Promise<void> {
  const put = putter(commonOf(streamId, stamp), cipher, rows.length);
  await copyIn(tx, STATEMENT, function* () {
    for (let start = 0; start < rows.length; start += AT_ONCE) {
      const some = rows.slice(start, start + AT_ONCE);
      checkJson(some);
      const room = Buffer.allocUnsafe(some.reduce((sum, row) => sum + bytesAtMost(row, cipher), 0));
      let end = 0;
      for (const [nr, row] of some.entries()) end = put(row, stamp.seq + start + nr + 1, { room, at: end });
      yield room.subarray(0, end);
    }
  });
}

const bytesAtMost = ({ id, line }: Row, cipher: Cipher) => COMMON_BYTES + OWN_BYTES + BYTES_A_UNIT * id.length + cipher.lengthOf(line);

function commonOf(streamId: number, { generation, at }: Stamp): Buffer {
  const common = Buffer.alloc(COMMON_BYTES);
  let end = common.writeInt16BE(COLUMNS.length);
  end = common.writeInt32BE(streamId, common.writeInt32BE(4, end));
  const time = BigInt(microsecondsOf(at));
  for (const value of [BigInt(generation), time, time]) end = common.writeBigInt64BE(value, common.writeInt32BE(8, end));
  return common;
}

/** @returns writes a row to a place, and where it ends */
function putter(common: Buffer, cipher: Cipher, count: number) {
  const seal = cipher.writer(count);
  return (row: Row, seq: number, { room, at }: { room: Buffer; at: number }): number => {
    let end = at + common.copy(room, at);
    end = room.writeInt32BE(row.line.length, room.writeInt32BE(4, end));
    end = room.writeUInt32BE(seq % 2 ** 32, room.writeInt32BE(Math.floor(seq / 2 ** 32), room.writeInt32BE(8, end)));
    end = room.writeInt32BE(HASH_BYTES, end);
    end += room.write(row.hash, end, 'latin1');
    const idBytes = room.write(row.id, end + 4);
    end = room.writeInt32BE(idBytes, end) + idBytes;
    const length = cipher.lengthOf(row.line);
    end = room.writeInt32BE(length, end);
    seal(row, room, end);
    return end + length;
  };
}

/** Since 2000, as Postgres counts. @param at see `LockedStream` */
function microsecondsOf(at: string): number {
  const milliseconds = Date.parse(`${at.slice(0, -'123Z'.length)}Z`) - Date.UTC(2000, 0, 1);
  return milliseconds * 1000 + Number(at.slice(-'123Z'.length, -1));
}
