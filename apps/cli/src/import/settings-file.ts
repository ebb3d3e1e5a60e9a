import { readFile } from 'node:fs/promises';
import type { ImportedSettings } from '#data';
import { DomainError, settingsDocument } from '#domain';
import { parseParameters } from '#models';

/** @throws DomainError `validation-failed` that names the file and what is wrong in it */
export async function readSettings(path: string): Promise<ImportedSettings> {
  const { data, error } = settingsDocument.safeParse(parse(path, await readFile(path, 'utf8')));
  if (error) {
    const errors = error.issues.map(({ path: at, message }) => ({
      pointer: `#/${at.map(String).join('/')}`,
      detail: message,
    }));
    throw new DomainError('validation-failed', `${path}: these are no settings of a catalog`, { errors });
  }
  const { undatedSince, schedules, ...rest } = data;
  return {
    ...rest,
    undatedSince: undatedSince ? new Date(undatedSince) : null,
    schedules: schedules.map(({ model, parameters, ...schedule }) => ({
      ...schedule,
      kind: model,
      parameters: parseParameters(model, parameters),
    })),
  };
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DomainError('validation-failed', `${path}: it is no JSON`, { cause });
  }
}
