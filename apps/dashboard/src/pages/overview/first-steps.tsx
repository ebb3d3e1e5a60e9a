import { useState } from 'react';
import { SERVICE_URL } from '../../api/ask.js';
import { PageLink } from '../../app/page-link.js';
import { CopyText } from '../../ui/copy-text.js';
import { Panel } from '../../ui/panel.js';
import { ImportFile } from './import-file.js';

interface FirstStepsProps {
  readonly catalog: string;
  /** Without interactions. */
  readonly isEmpty: boolean;
}

/** What to do with a catalog that makes no lists yet. */
export function FirstSteps({ catalog, isEmpty }: FirstStepsProps) {
  const [stored, setStored] = useState<string | null>(null);
  const address = `${SERVICE_URL}/v1/catalogs/${catalog}`;
  return (
    <Panel title="First steps" className="wide">
      <ol className="steps">
        <li className={isEmpty ? '' : 'done'}>
          <h3>Bring interactions</h3>
          {isEmpty ? (
            <>
              <p>Who had what: a table with a column of users and one of items is enough.</p>
              <ImportFile catalog={catalog} onStored={setStored} />
              <details className="fold">
                <summary>By curl</summary>
                <CopyText
                  label="curl that imports a file"
                  text={`curl -X POST '${address}/interactions/import' \\\n  -H 'content-type: text/csv' --data-binary @ratings.csv`}
                />
              </details>
            </>
          ) : (
            <p role="status">{stored ?? 'They are there.'}</p>
          )}
        </li>
        <li>
          <h3>Train a model</h3>
          <p>
            <PageLink catalog={catalog} page="training">
              Start a run
            </PageLink>
            : seconds for small data, and nothing has to be chosen.
          </p>
        </li>
        <li>
          <h3>Look at lists</h3>
          <p>
            <PageLink catalog={catalog} page="try">
              Try it
            </PageLink>{' '}
            with a user or a basket, and see why each item is there.
          </p>
        </li>
      </ol>
    </Panel>
  );
}
