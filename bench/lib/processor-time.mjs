/** Processor time of processes, which other work on the machine changes less than the time on the clock. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** What Linux counts processor time in, a second. */
const TICKS = 100;

/** Of all threads of a process; null where the system does not say. */
export function processorSeconds(pid) {
  return existsSync(`/proc/${pid}/stat`) ? statOf(pid).own : null;
}

/** Of programs that this process has started and that have ended. */
export function endedProgramsSeconds() {
  return statOf('self').ended;
}

/** Of all processes of the PostgreSQL server of a connection, those that have ended too. */
export async function postgresSeconds(pool) {
  const { rows } = await pool.query('SELECT pg_backend_pid() AS pid');
  const server = statOf(rows[0].pid).parent;
  for (;;) {
    const before = childrenOf(server);
    const { own, ended } = statOf(server);
    const after = childrenOf(server);
    // One that has ended in between would be counted twice or not at all.
    if (after.map(({ pid }) => pid).join() === before.map(({ pid }) => pid).join())
      return after.reduce((sum, child) => sum + child.own, own + ended);
  }
}

function childrenOf(parent) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => statIfThere(pid) ?? [])
    .filter((process) => process.parent === parent);
}

function statIfThere(pid) {
  try {
    return { pid, ...statOf(pid) };
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return null;
    throw error;
  }
}

function statOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ').map(Number);
  const [, parent] = fields;
  return { parent, own: (fields[11] + fields[12]) / TICKS, ended: (fields[13] + fields[14]) / TICKS };
}
