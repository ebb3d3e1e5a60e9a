import { useQuery } from '@tanstack/react-query';
import { settingsList, type Setting } from '@sparserec/client';
import { ask, client } from '../../api/ask.js';
import { SaveTable } from '../../ui/files/save-table.js';
import { count } from '../../ui/format.js';
import { Loaded, Panel } from '../../ui/panel.js';

/** What the process that answers is set to; of secrets, whether there is one. */
export function Settings() {
  const settings = useQuery({
    queryKey: ['settings'],
    queryFn: () => ask(settingsList({ client })),
    // They are those of the start of the process.
    staleTime: Infinity,
  });
  return (
    <Panel title="Settings in force" className="wide">
      <Loaded asked={settings}>
        {({ settings: all }) => {
          const given = all.filter(({ isDefault }) => !isDefault);
          const others = all.filter(({ isDefault }) => isDefault);
          return (
            <>
              <p className="note">Of the process that answers this page; workers may have others.</p>
              <Table label="Settings that were given" settings={given} />
              <details className="fold">
                <summary>{count(others.length, 'setting')} with the default</summary>
                <Table label="Settings with the default" settings={others} />
              </details>
              <p>
                <SaveTable
                  name="settings"
                  columns={['name', 'value', 'isDefault', 'description']}
                  rows={all.map((one) => [one.name, shown(one), one.isDefault, one.description])}
                />
              </p>
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function shown({ value, isSecret, isDefault }: Setting): string {
  if (isSecret) return isDefault ? 'not set' : 'set, and secret';
  return value ?? '';
}

function Table({ label, settings }: { readonly label: string; readonly settings: readonly Setting[] }) {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">name</th>
            <th scope="col">value</th>
            <th scope="col">meaning</th>
          </tr>
        </thead>
        <tbody>
          {settings.map((setting) => (
            <tr key={setting.name}>
              <th scope="row">
                <code>{setting.name}</code>
              </th>
              <td>
                <bdi>{shown(setting)}</bdi>
              </td>
              <td>{setting.description}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
