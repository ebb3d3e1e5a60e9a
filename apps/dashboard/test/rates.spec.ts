import { countersOf, parseMetrics, quantileMs, rateBetween } from '../src/api/rates.js';

const look = (calls: number, lists: number, fast: number) => `# TYPE sparserec_http_requests_total counter
sparserec_http_requests_total{method="GET",route="/v1/catalogs",status="200"} ${calls}
sparserec_http_requests_total{method="GET",route="/metrics",status="200"} 1000
sparserec_http_requests_total{method="GET",route="/health/ready",status="200"} 1000
sparserec_list_duration_seconds_count{source="model",model_kind="ease"} ${lists}
sparserec_list_duration_seconds_bucket{source="model",model_kind="ease",le="0.001"} ${fast}
sparserec_list_duration_seconds_bucket{source="model",model_kind="ease",le="0.01"} ${lists}
sparserec_list_duration_seconds_bucket{source="model",model_kind="ease",le="+Inf"} ${lists}
sparserec_global_queue_jobs{queue="training",state="waiting"} 3
sparserec_global_queue_jobs{queue="training",state="active"} 1
sparserec_global_queue_oldest_seconds{queue="training"} 90
sparserec_build_info{app="api",version="0.2.0"} 1
`;

describe('rates', () => {
  it('read labels with quotes and braces in them', () => {
    expect(parseMetrics('a{b="x\\"}",c="y"} 1e3\nd 2')).toEqual([
      { name: 'a', labels: { b: 'x\\"}', c: 'y' }, value: 1_000 },
      { name: 'd', labels: {}, value: 2 },
    ]);
  });

  it('are differences of two looks, without the calls that watch the service', () => {
    const [before, after] = [countersOf(look(10, 4, 2), 0), countersOf(look(30, 14, 7), 5_000)];
    expect(after.queues).toEqual([{ queue: 'training', waiting: 3, oldestSeconds: 90 }]);
    expect(after.version).toBe('0.2.0');
    const rate = rateBetween(before, after)!;
    expect(rate).toMatchObject({ at: 5_000, callsPerSecond: 4, listsPerSecond: 2, p50Ms: 1 });
    expect(rate.p99Ms).toBeCloseTo(9.82);
  });

  it('are none across a start of the process', () => {
    expect(rateBetween(countersOf(look(10, 4, 2), 0), countersOf(look(2, 1, 1), 5_000))).toBeNull();
  });

  it('know no quantile without lists, and none above the largest bound', () => {
    expect(quantileMs([], 0.5)).toBeNull();
    expect(
      quantileMs(
        [
          [0.01, 0],
          [Infinity, 0],
        ],
        0.5,
      ),
    ).toBeNull();
    expect(
      quantileMs(
        [
          [0.01, 1],
          [Infinity, 4],
        ],
        0.99,
      ),
    ).toBe(10);
  });
});
