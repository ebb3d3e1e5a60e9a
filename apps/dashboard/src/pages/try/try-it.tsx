import { useMemo } from 'react';
import { Refused, SERVICE_URL } from '../../api/ask.js';
import { useCaller, useMay } from '../../api/queries.js';
import type { PageProps } from '../../app/page-list.js';
import { useQueryState } from '../../app/use-route.js';
import { CopyText } from '../../ui/copy-text.js';
import { Panel } from '../../ui/panel.js';
import '../../styles/try.css';
import { AskForm } from './ask-form.js';
import { Beginnings } from './beginnings.js';
import { HeldList, HoldButton } from './held-list.js';
import { heldIn } from './held.js';
import { faultOfFilter, isAsked, readAsk, type ListAsk } from './list-ask.js';
import { ListPanel } from './list-panel.js';
import { useList } from './list-query.js';
import { curlOf, typescriptOf } from './snippets.js';

/** Lists as the service makes them, with everything that they can be asked for. */
export default function TryIt({ catalog }: PageProps) {
  const [query] = useQueryState();
  const asked = useMemo(() => readAsk(query), [query]);
  const list = useList(catalog, asked);
  const faults = useMemo(() => faultsOf(list.error), [list.error]);
  const held = useMemo(() => heldIn(query), [query]);
  const other = held ? null : query.get('vs');
  const beside = useList(catalog, held ?? asked);
  const hasFaults = faults.size > 0;
  return (
    <div className="try">
      <AskForm catalog={catalog} faults={faults} />
      {isAsked(asked) ? (
        <div className={`try-lists ${held || other !== null ? 'try-two' : ''}`}>
          <ListPanel {...{ catalog, asked, hasFaults }} title="List" against={held ? beside.data : undefined}>
            {!held && <HoldButton />}
          </ListPanel>
          {held && <HeldList {...{ catalog, held, asked }} />}
          {other !== null && (
            <ListPanel
              {...{ catalog, hasFaults }}
              title="The other list"
              asked={{ ...asked, model: other }}
              against={list.data}
            />
          )}
          {faultOfFilter(asked.filter) === null && <Snippets catalog={catalog} asked={asked} />}
        </div>
      ) : (
        <Panel title="List">
          <Beginnings catalog={catalog} />
        </Panel>
      )}
    </div>
  );
}

/** What is wrong with the request, by the field of the form that it stands in. */
function faultsOf(error: Error | null): Map<string, string> {
  if (!(error instanceof Refused)) return new Map();
  const own = error.fields.map(
    ({ pointer, detail }) => [/[a-z]\w*/i.exec(pointer)?.[0] ?? '', detail] as const,
  );
  return new Map(own.filter(([name]) => name === 'boost' || name === 'filter'));
}

function Snippets({ catalog, asked }: { readonly catalog: string; readonly asked: ListAsk }) {
  const { data } = useCaller();
  const explains = useMay('people', catalog);
  const place = { service: SERVICE_URL, catalog, keysNeeded: data?.keysNeeded ?? true, explains };
  return (
    <Panel title="The same by a call" className="wide">
      <h3>curl</h3>
      <CopyText label="The call by curl" text={curlOf(asked, place)} />
      <h3>TypeScript</h3>
      <CopyText label="The call in TypeScript" text={typescriptOf(asked, place)} />
    </Panel>
  );
}
