/** What the embedded Postgres is started with, by what the machine has (decisions/058). Pure, but for asking the machine. */
import { statfsSync } from 'node:fs';
import { memoryOfMachine } from './memory.ts';

export type Settings = Readonly<Record<string, string>>;
export type Machine = { readonly memoryBytes: number; readonly diskFreeBytes: number };

const MB = 2 ** 20;
const GB = 2 ** 30;

/** @param folder where the data lies */
export function machineOf(folder: string): Machine {
  const { bavail, bsize } = statfsSync(folder);
  return { memoryBytes: memoryOfMachine(), diskFreeBytes: bavail * bsize };
}

export function settingsFor({ memoryBytes, diskFreeBytes }: Machine): Settings {
  return {
    listen_addresses: '', // no TCP: the binaries link OpenSSL 1.1, and nobody else has business here
    unix_socket_permissions: '0700',
    max_connections: '60',
    shared_buffers: megabytes(memoryBytes / 16, 128 * MB, GB), // an id of a new record may lie on any page of an index: 650 MB of 10 million
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    effective_cache_size: megabytes(memoryBytes / 2, 512 * MB, 64 * GB),
    random_page_cost: '1.1',
    jit: 'off', // one mis-estimated plan compiled by LLVM on every batch costs 8x
    max_parallel_workers_per_gather: '0', // short statements only; also spares Docker's 64 MB /dev/shm
    fsync: 'on',
    synchronous_commit: 'on',
    wal_level: 'minimal',
    max_wal_senders: '0',
    wal_buffers: '4MB', // of a thousand records 1.4; by itself it would grow to 16, all of it touched at the start
    max_wal_size: megabytes(diskFreeBytes / 10, GB, 4 * GB), // after each checkpoint a page is logged whole when it is next touched
    checkpoint_timeout: '10min',
    bgwriter_lru_maxpages: '1000', // whoever saves finds room and need not write other pages first
    io_method: 'sync', // of what is read ahead there is little; three processes fewer
    autovacuum_naptime: '30s', // soon enough to find what was saved still in memory
    timezone: 'UTC',
    log_timezone: 'UTC',
  };
}

function megabytes(bytes: number, least: number, most: number): string {
  return `${Math.floor(Math.min(Math.max(bytes, least), most) / MB)}MB`;
}
