import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');
const HOME = '/app';
/** Packages that npm has fetched before are not asked for again. */
const RUN_ENVIRONMENT = { ...process.env, npm_config_prefer_offline: 'true' };

export interface Instruction {
  readonly name: string;
  readonly value: string;
}

/** One stage of the Dockerfile. */
export interface Stage {
  readonly name: string;
  /** An earlier stage, or an image. */
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of docker/Dockerfile in their order. */
export function stagesOfDockerfile(): Stage[] {
  const lines = readFileSync(join(ROOT, 'docker/Dockerfile'), 'utf8').split('\n');
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const line of lines) {
    const [, name = '', value = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (name === 'FROM') {
      const [from = '', , stage = ''] = value.split(' ');
      stages.push({ name: stage, from, instructions: [] });
    } else if (name !== '') stages.at(-1)!.instructions.push({ name, value });
  }
  return stages;
}

/** All instructions that a stage is made by, those of the stages that it is made from first. */
export function instructionsOf(name: string): Instruction[] {
  const stage = stagesOfDockerfile().find((one) => one.name === name);
  return stage === undefined ? [] : [...instructionsOf(stage.from), ...stage.instructions];
}

/** Values of one kind of instruction of a stage. */
export function valuesOf(stage: string, name: string): string[] {
  return instructionsOf(stage).flatMap((one) => (one.name === name ? one.value : []));
}

/** What the image of a stage runs. */
export const commandOf = (stage: string): string[] => arrayIn(valuesOf(stage, 'CMD').at(-1)!);
export const healthCheckOf = (stage: string): string[] => arrayIn(valuesOf(stage, 'HEALTHCHECK').at(-1)!);

function arrayIn(value: string): string[] {
  return JSON.parse(value.slice(value.indexOf('['))) as string[];
}

/** Variables that the image of a stage sets. */
export function environmentOf(stage: string): Record<string, string> {
  const pairs = valuesOf(stage, 'ENV').flatMap((value) => value.split(' '));
  return Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]));
}

/** Sources and destination of a COPY, and the stage that it copies from, if any. */
export function copyOf(value: string): { from: string | null; sources: string[]; to: string } {
  const [, from = null, paths = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(value)!;
  const sources = paths.split(' ');
  return { from, sources, to: sources.pop()! };
}

/**
 * Makes a stage in an empty folder as `docker build` would, but for the image below it.
 *
 * @param folders of the stages that it copies from
 */
export function makeStage(name: string, folder: string, folders: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const instruction of instructionsOf(name)) {
    if (instruction.name === 'RUN')
      execFileSync('sh', ['-c', instruction.value], { cwd: folder, env: RUN_ENVIRONMENT, stdio: 'pipe' });
    if (instruction.name === 'COPY') copy(instruction.value, folder, folders);
  }
}

function copy(value: string, folder: string, folders: Readonly<Record<string, string>>): void {
  const { from, sources, to } = copyOf(value);
  for (const source of sources) {
    if (from === null) copyTracked(source, folder, to);
    else copyPath(join(folders[from]!, relative(HOME, source)), folder, to);
  }
}

/** A destination that ends with a slash gets a file by its name, and of a folder the contents. */
function copyPath(source: string, folder: string, to: string): void {
  const isFile = statSync(source).isFile();
  const target = resolve(folder, to, isFile && to.endsWith('/') ? basename(source) : '');
  // The packages are many, and are found by their real path.
  if (basename(source) === 'node_modules') symlinkSync(source, target);
  else cpSync(source, target, { recursive: true });
}

/** The files of a checkout: those that git has. */
function copyTracked(source: string, folder: string, to: string): void {
  const files = execFileSync('git', ['ls-files', '--', source], { cwd: ROOT, encoding: 'utf8' }).trim();
  for (const file of files.split('\n')) {
    const below = relative(source, file);
    const target = below === '' ? (to.endsWith('/') ? basename(file) : '') : below;
    cpSync(join(ROOT, file), resolve(folder, to, target));
  }
}
