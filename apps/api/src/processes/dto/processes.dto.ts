import { z } from 'zod';
import { encodeProcess, ownProcess, type ServiceProcess } from '#data';

export const processesReply = z
  .object({
    processes: z.array(
      z
        .object({
          name: z.string().describe('`api` or `worker`'),
          version: z.string().describe('of the service'),
          nodeVersion: z.string(),
          host: z.string().describe('name of its machine or container; the end of a long one'),
          pid: z.number().int(),
          startedAt: z.string(),
          isAnswering: z.boolean().describe('whether it has answered this call'),
        })
        .meta({ id: 'ServiceProcess' }),
    ),
    postgresVersion: z.string(),
  })
  .meta({ id: 'ServiceProcesses' });
export type ProcessesReply = z.infer<typeof processesReply>;

export function toProcessesReply(
  processes: readonly ServiceProcess[],
  postgresVersion: string,
): ProcessesReply {
  const own = encodeProcess(ownProcess());
  return {
    processes: processes.map((process) => ({
      ...process,
      startedAt: process.startedAt.toISOString(),
      isAnswering: encodeProcess(process) === own,
    })),
    postgresVersion,
  };
}
