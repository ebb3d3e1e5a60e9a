/** All of the service's queues. */
export const TRAINING_QUEUE = 'training';
export const SCHEDULE_QUEUE = 'schedule';
export const QUEUE_NAMES = [TRAINING_QUEUE, SCHEDULE_QUEUE] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];
