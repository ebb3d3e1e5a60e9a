import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** Names this process in the rows it claims; a restarted process is another worker. */
export const WORKER_ID = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
