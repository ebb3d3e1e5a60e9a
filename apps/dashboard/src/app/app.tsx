import { CSPProvider } from '@base-ui/react/csp-provider';
import { Tooltip } from '@base-ui/react/tooltip';
import { QueryClientProvider } from '@tanstack/react-query';
import { Suspense, useEffect, useRef } from 'react';
import { queryClient, useCatalogs, useFreshAfterFaults, useNoticedEndOfKey } from '../api/queries.js';
import { Loaded } from '../ui/panel.js';
import { FaultBoundary } from './fault-boundary.js';
import { Header } from './header.js';
import { CONTENTS } from './page-contents.js';
import { PAGES } from './page-list.js';
import { ServiceState } from './service-state.js';
import { SignIn } from './sign-in.js';
import { useRoute } from './use-route.js';

const TOOLTIP_DELAY_MS = 150;

export function App() {
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <Tooltip.Provider delay={TOOLTIP_DELAY_MS}>
          <Shell />
        </Tooltip.Provider>
      </QueryClientProvider>
    </CSPProvider>
  );
}

function Shell() {
  useFreshAfterFaults();
  useNoticedEndOfKey();
  const main = useRef<HTMLElement>(null);
  const { page } = useRoute();
  const title = PAGES.find(({ id }) => id === page)?.title ?? 'Unknown page';
  useEffect(() => {
    document.title = `${title} · sparserec`;
  }, [title]);
  return (
    <>
      <a className="skip-link" href="#main" onClick={(event) => skipTo(event, main.current)}>
        Skip to the content
      </a>
      <Header />
      <main ref={main} tabIndex={-1} id="main">
        <ServiceState />
        <h1>{title}</h1>
        <FaultBoundary key={page}>
          <Suspense fallback={<p className="note">Loading …</p>}>
            <CurrentPage />
          </Suspense>
        </FaultBoundary>
      </main>
      <SignIn />
    </>
  );
}

/** The part of an address after `#` names a page here, so the browser cannot follow the link by itself. */
function skipTo(event: React.MouseEvent, target: HTMLElement | null): void {
  event.preventDefault();
  target?.focus();
}

function CurrentPage() {
  const { catalog, page } = useRoute();
  const catalogs = useCatalogs();
  const found = PAGES.find(({ id }) => id === page);
  if (!found) return <p className="note">There is no such page. Choose one above.</p>;
  return (
    <Loaded asked={catalogs}>
      {({ items }) => {
        const shown = catalog ?? items.find(({ id }) => id === 'default')?.id ?? items[0]?.id ?? 'default';
        if (items.length > 0 && !items.some(({ id }) => id === shown))
          return <p className="note note-bad">There is no catalog “{shown}” that you may see.</p>;
        const Content = CONTENTS[found.id];
        return <Content key={shown} catalog={shown} />;
      }}
    </Loaded>
  );
}
