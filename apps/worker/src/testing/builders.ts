import type { ComparedKind, Model, Schedule, TrainingRun } from '#domain';

const CREATED_AT = new Date('2026-01-01T00:00:00.000Z');

export function aRun(changes: Partial<TrainingRun> = {}): TrainingRun {
  return {
    id: 'run-1',
    catalogId: 'default',
    kind: 'ease',
    parameters: {},
    activate: true,
    scheduleName: null,
    dueAt: null,
    status: 'running',
    stage: 'queued',
    progress: 0,
    epoch: null,
    parts: null,
    attempts: 1,
    cancelRequested: false,
    snapshotHash: null,
    modelId: null,
    unchanged: false,
    withLeaderboard: false,
    leaderboard: null,
    error: null,
    estimatedBytes: null,
    peakRssBytes: null,
    timingsMs: {},
    createdAt: CREATED_AT,
    startedAt: null,
    finishedAt: null,
    requestId: null,
    traceParent: null,
    ...changes,
  };
}

export function aModel(changes: Partial<Model> = {}): Model {
  return {
    id: 'model-1',
    catalogId: 'default',
    runId: 'run-1',
    kind: 'ease',
    parameters: {},
    status: 'ready',
    metrics: { 'ndcg@20': { mean: 0.4, ci95: [0.39, 0.41] } },
    baseline: {},
    measuredUsers: null,
    breadth: null,
    snapshotHash: 'hash',
    codeVersion: '0.0.0',
    kernel: 'simd128',
    nodeVersion: '24.0.0',
    postgresVersion: '17.0',
    numUsers: 2,
    numItems: 3,
    numInteractions: 4,
    artifactBytes: 1,
    artifactChecksum: 1,
    createdAt: CREATED_AT,
    activatedAt: null,
    ...changes,
  };
}

export function aComparedKind(changes: Partial<ComparedKind> = {}): ComparedKind {
  return {
    model: 'item-knn',
    parameters: {},
    metrics: { 'ndcg@20': { mean: 0.3, ci95: [0.29, 0.31] } },
    coverage: 0.5,
    gini: 0.5,
    tailRecall: [],
    differenceToRun: { 'ndcg@20': { mean: -0.1, ci95: [-0.11, -0.09] } },
    fitMs: 1,
    artifactBytes: 1,
    kernel: 'simd128',
    ...changes,
  };
}

export function aSchedule(changes: Partial<Schedule> = {}): Schedule {
  return {
    catalogId: 'default',
    name: 'nightly',
    cron: '0 3 * * *',
    timeZone: 'Europe/Berlin',
    kind: 'ease',
    parameters: {},
    gate: null,
    enabled: true,
    missed: 'run-once',
    nextTickAt: new Date('2026-01-01T02:00:00.000Z'),
    lastOutcome: null,
    lastTickAt: null,
    createdAt: CREATED_AT,
    updatedAt: CREATED_AT,
    ...changes,
  };
}
