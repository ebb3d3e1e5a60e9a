/** A name of data and what it is, as texts whatever they hold; in a `dl` of the class `pairs`. */
export function Pair({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>
        <bdi>{name}</bdi>
      </dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}

/** The members of an object such as metadata, each as JSON. */
export function PairsOf({ values }: { readonly values: Readonly<Record<string, unknown>> }) {
  return Object.entries(values).map(([name, value]) => (
    <Pair key={name} name={name} value={JSON.stringify(value)} />
  ));
}
