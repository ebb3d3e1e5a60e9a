/** Short texts of data beside one another, such as tags. */
export function Chips({ label, texts }: { readonly label: string; readonly texts: readonly string[] }) {
  if (texts.length === 0) return null;
  return (
    <ul className="chips" aria-label={label}>
      {texts.map((text) => (
        <li key={text} className="chip">
          <bdi>{text}</bdi>
        </li>
      ))}
    </ul>
  );
}
