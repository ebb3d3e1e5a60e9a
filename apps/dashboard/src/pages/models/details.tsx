import type { Model } from '@sparserec/client';
import { Figure } from '../../ui/figure.js';
import { bytes, dateTime, percent, short, whole } from '../../ui/format.js';
import { Intervals } from '../../ui/intervals.js';
import { Panel } from '../../ui/panel.js';
import { Reach } from './reach.js';

/** All that is known of one model. */
export function Details({ model }: { readonly model: Model }) {
  const metrics = Object.keys(model.metrics).sort();
  return (
    <>
      <Panel title={`${model.kind} beside popularity`}>
        {metrics.length === 0 && <p className="note">It was not measured.</p>}
        {metrics.map((metric) => (
          <Intervals
            key={metric}
            metric={metric}
            rows={[
              { name: model.kind, value: model.metrics[metric]! },
              ...(model.baseline[metric] ? [{ name: 'popularity', value: model.baseline[metric] }] : []),
            ]}
          />
        ))}
      </Panel>
      <Panel title="What it is made of">
        <dl className="figures">
          <Figure
            label="Users"
            value={short(model.numUsers)}
            meaning="Users in the data that it was trained on."
          />
          <Figure label="Items" value={short(model.numItems)} meaning="Items that it can score." />
          <Figure
            label="Interactions"
            value={short(model.numInteractions)}
            meaning="Pairs of a user and an item that it was trained on: repeated interactions count together."
          />
          <Figure
            label="Size"
            value={bytes(model.artifactBytes)}
            meaning="Bytes of the stored model, which each API process also takes in memory, about."
          />
        </dl>
        <Use model={model} />
        <h3>Parameters</h3>
        <dl className="pairs">
          {Object.entries(model.parameters).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{String(value)}</dd>
            </div>
          ))}
        </dl>
        <p className="note">
          Trained {dateTime(model.createdAt)} by version {model.codeVersion} with {model.kernel} kernels
          {model.nodeVersion !== null && `, Node ${model.nodeVersion}`}
          {model.postgresVersion !== null && ` and PostgreSQL ${model.postgresVersion}`}.
        </p>
      </Panel>
      <Reach rows={rowsOf(model)} />
    </>
  );
}

function rowsOf({ kind, breadth }: Model) {
  if (!breadth) return [];
  return [
    { name: kind, breadth: breadth.model },
    { name: 'popularity', breadth: breadth.popularity },
  ];
}

function Use({ model: { attribution } }: { readonly model: Model }) {
  const { recommendations, interactions, clickThrough } = attribution;
  return (
    <dl className="figures">
      <Figure
        label="Lists answered"
        value={short(recommendations)}
        meaning="Lists that this model has answered. Lists that are tried on this page do not count."
      />
      <Figure
        label="Led to"
        value={short(interactions)}
        note={clickThrough === null ? undefined : `${percent(clickThrough)} of the lists`}
        meaning={`Stored interactions that named one of its lists by recommendationId: ${whole(interactions)}.`}
      />
    </dl>
  );
}
