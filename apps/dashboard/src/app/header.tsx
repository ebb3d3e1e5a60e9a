import { useState } from 'react';
import { useCaller, useCatalogs } from '../api/queries.js';
import { session } from '../api/session.js';
import icon from '../icon.svg';
import { PAGES } from './page-list.js';
import { addressOf } from './route.js';
import { THEMES, useTheme, type Theme } from './theme.js';
import { useRoute } from './use-route.js';

const THEME_NAMES: Readonly<Record<Theme, string>> = {
  system: 'As the system',
  light: 'Light',
  dark: 'Dark',
};

/** Name, navigation and what holds for all pages. On a narrow screen the navigation opens by a button. */
export function Header() {
  const [isOpen, setOpen] = useState(false);
  return (
    <header className="top">
      <div className="brand">
        <img src={icon} alt="" width="28" height="28" />
        <span>sparserec</span>
      </div>
      <button
        type="button"
        className="button menu-button"
        aria-expanded={isOpen}
        aria-controls="menu"
        onClick={() => setOpen(!isOpen)}
      >
        Menu
      </button>
      <div id="menu" className={`menu ${isOpen ? 'menu-open' : ''}`}>
        <Navigation onChoose={() => setOpen(false)} />
        <div className="settings">
          <CatalogChooser />
          <ThemeChooser />
          <Account />
          <a className="quiet-link" href="./docs">
            All calls (Swagger UI)
          </a>
        </div>
      </div>
    </header>
  );
}

function Navigation({ onChoose }: { readonly onChoose: () => void }) {
  const { catalog, page } = useRoute();
  return (
    <nav aria-label="Pages">
      <ul className="pages">
        {PAGES.map(({ id, title, icon: path }) => (
          <li key={id}>
            <a
              href={addressOf(catalog, id)}
              aria-current={id === page ? 'page' : undefined}
              onClick={onChoose}
            >
              <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
                <path d={path} fill="currentColor" />
              </svg>
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function CatalogChooser() {
  const { catalog, page } = useRoute();
  const { data } = useCatalogs();
  const ids = data?.items.map(({ id }) => id) ?? [];
  const shown = catalog ?? (ids.includes('default') ? 'default' : (ids[0] ?? ''));
  // One that is gone, or not there yet, is still what the address says.
  const options = shown === '' || ids.includes(shown) ? ids : [shown, ...ids];
  return (
    <label className="field">
      <span>Catalog</span>
      <select
        value={shown}
        onChange={({ target }) => {
          location.hash = addressOf(target.value, page);
        }}
      >
        {options.map((id) => (
          <option key={id}>{id}</option>
        ))}
      </select>
    </label>
  );
}

function ThemeChooser() {
  const [theme, choose] = useTheme();
  return (
    <label className="field">
      <span>Colours</span>
      <select
        value={theme}
        onChange={({ target }) => choose(THEMES.find((name) => name === target.value) ?? 'system')}
      >
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {THEME_NAMES[name]}
          </option>
        ))}
      </select>
    </label>
  );
}

function Account() {
  const { data } = useCaller();
  if (!data?.keysNeeded) return null;
  return (
    <div className="account">
      <span className="account-name">
        Key “<bdi>{data.name}</bdi>”: {data.scopes.join(', ')}
      </span>
      <button type="button" className="button button-small" onClick={() => session.signOut()}>
        Sign out
      </button>
    </div>
  );
}
