/** A host of its own for the servers: a network namespace, whose link to the service can lose packets. */
import { execFileSync, spawnSync } from 'node:child_process';

/** So that several of this machine do not meet. */
const NUMBER = process.pid % 2 ** 14;
const LINKS = [`faults${NUMBER}-0`, `faults${NUMBER}-1`];
const [SERVICE, SERVERS] = [1, 2].map((host) => `10.213.${NUMBER >> 6}.${4 * (NUMBER & 63) + host}`);
const TABLE = `sparserec_faults_${NUMBER}`;
const MASK = 30;
const PROGRAMS = ['ip', 'nft', 'setpriv'];

export class Network {
  #name = `sparserec-faults-${process.pid}`;
  address = SERVERS;
  /** Of a line for pg_hba.conf. */
  callers = `${SERVICE}/${MASK}`;

  /** @throws Error where it is not possible */
  static create() {
    const network = new Network();
    try {
      network.#create();
      return network;
    } catch (error) {
      network.remove();
      throw error;
    }
  }

  /** Runs a program there, as a user where one is named. */
  command([program, ...args], { uid, gid } = {}) {
    const user = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
    return ['ip', 'netns', 'exec', this.#name, ...user, program, ...args];
  }

  /** From now on so many of a hundred packets are lost on each way, where they arrive. */
  lose(percent) {
    this.heal();
    for (const [n, nft] of this.#ends())
      nft(`add table inet ${TABLE}
        add chain inet ${TABLE} come { type filter hook input priority 0; }
        add rule inet ${TABLE} come iifname ${LINKS[n]} numgen random mod 100 < ${percent} counter drop`);
  }

  /** @returns how many packets were lost */
  heal() {
    let lost = 0;
    for (const [, nft] of this.#ends()) {
      nft(`add table inet ${TABLE}`);
      const rules = nft(`list table inet ${TABLE}`);
      nft(`delete table inet ${TABLE}`);
      lost += Number(/counter packets (\d+)/.exec(rules)?.[1] ?? 0);
    }
    return lost;
  }

  remove() {
    spawnSync('nft', ['delete', 'table', 'inet', TABLE]);
    spawnSync('ip', ['netns', 'del', this.#name]);
    spawnSync('ip', ['link', 'del', LINKS[0]]);
  }

  #create() {
    const [here, there] = LINKS;
    const inside = ['netns', 'exec', this.#name, 'ip'];
    ip('netns', 'add', this.#name);
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there);
    ip('link', 'set', there, 'netns', this.#name);
    ip('addr', 'add', `${SERVICE}/${MASK}`, 'dev', here);
    ip('link', 'set', here, 'up');
    ip(...inside, 'addr', 'add', `${SERVERS}/${MASK}`, 'dev', there);
    ip(...inside, 'link', 'set', there, 'up');
    ip(...inside, 'link', 'set', 'lo', 'up');
    // Not every kernel can count at random.
    this.lose(1);
    this.heal();
  }

  /** By the number of its link: each end has rules of its own. */
  #ends() {
    const nft = ['nft', '-f', '-'];
    return [nft, this.command(nft)].map((command, n) => [n, (rules) => run(command, rules)]);
  }
}

/** @returns why there can be none on this machine; null where there can */
export function whyNoNetwork() {
  if (process.getuid?.() !== 0) return 'only root may make a network namespace';
  const missing = PROGRAMS.find((program) => spawnSync(program, ['--version']).error);
  if (missing !== undefined) return `there is no program ${missing}`;
  try {
    Network.create().remove();
    return null;
  } catch (error) {
    return String(error.stderr || error.message)
      .trim()
      .split('\n')
      .at(-1);
  }
}

function ip(...args) {
  run(['ip', ...args]);
}

function run([program, ...args], input = '') {
  return execFileSync(program, args, { input, stdio: 'pipe', encoding: 'utf8' });
}
